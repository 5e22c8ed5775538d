"""
What a process of its own asks of DVC: `python -m sluice.sources._dvc_process ANSWER`, the question on standard input.

Nothing that the tool says is passed on, as it may have an address with a credential in it.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

_REFUSED = re.compile(r"resp 40[13]\b|credentials|authentication|denied|could not read Username", re.IGNORECASE)


def main() -> None:
    """Writes the commit and its files, or what is wrong."""
    question = json.load(sys.stdin)
    answer = _answer(question["repo"], question["rev"], question["path"])
    Path(sys.argv[1]).write_text(json.dumps(answer), encoding="utf-8")


def _answer(repo: str, rev: str, path: str) -> dict[str, Any]:
    from dvc.api import DVCFileSystem
    from dvc.exceptions import NotDvcRepoError
    from dvc.scm import CloneError, RevError, SCMError

    try:
        system = DVCFileSystem(repo, rev=rev)
        commit = system.repo.get_rev()
        return _files(system, commit, path)
    except RevError:
        return {"error": "no revision"}
    except NotDvcRepoError:
        return {"error": "no repository"}
    except FileNotFoundError:
        return {"error": "no path"}
    except CloneError as error:
        refused = _REFUSED.search(_words(error))
        return {"error": "refused"} if refused else {"error": "down", "reason": "it cannot be cloned"}
    except SCMError:
        return {"error": "no repository"}
    except Exception as error:  # the tool has many more
        return {"error": "failed", "reason": type(error).__name__}


def _files(system: Any, commit: str, path: str) -> dict[str, Any]:
    info = system.info(path)
    if "dvc_info" not in info:
        return {"error": "untracked"}
    if info["type"] != "directory":
        return {"commit": commit, "files": [_file(path.rpartition("/")[2], info)]}
    found = system.find(path, detail=True, dvc_only=True)
    root = path.strip("/") + "/"
    files = [_file(name.strip("/").removeprefix(root), details) for name, details in sorted(found.items())]
    return {"commit": commit, "files": files} if files else {"error": "untracked"}


def _file(name: str, info: dict[str, Any]) -> dict[str, Any]:
    details = info["dvc_info"]
    kind, value = next((kind, details[kind]) for kind in ("md5", "etag", "checksum") if details.get(kind))
    return {"name": name, "digest": f"{kind}:{value}", "size": info.get("size")}


def _words(error: BaseException | None) -> str:
    words = ""
    while error is not None:
        words += f" {error}"
        error = error.__cause__ or error.__context__
    return words


if __name__ == "__main__":
    main()
