"""
A comparison for whoever decides on it: in a terminal, a pull request, a page and a picture.

Everything here is pure: what is to be shown goes in, text or bytes come out. What models answered is untrusted, and
is escaped for each of them.
"""
