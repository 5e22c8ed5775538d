"""What several tests need: a small cloud, and a program that declares whatever its configuration says."""
