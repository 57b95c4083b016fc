"""Settings of the tests: the embedded PostgreSQL, a throw-away data folder, quick passwords."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "TESTS_OF_CHORSU_DIR" not in os.environ:
    os.environ["TESTS_OF_CHORSU_DIR"] = tempfile.mkdtemp(prefix="chorsu-test-")
    # Before the server's own farewell is registered, so that it runs after that.
    atexit.register(shutil.rmtree, os.environ["TESTS_OF_CHORSU_DIR"], ignore_errors=True)
_folder = Path(os.environ["TESTS_OF_CHORSU_DIR"])
# Processes that test side by side share the server, each with a database and a folder of its own.
_own = _folder / os.environ.get("PYTEST_XDIST_WORKER", "main")
_own.mkdir(exist_ok=True)
os.environ["CHORSU_NODE_DATA_DIR"] = str(_own)
os.environ.setdefault("CHORSU_NODE_NAME", "hub.chorsu.example")
os.environ.setdefault("CHORSU_NODE_INSTITUTION", "hub-astana")
os.environ.setdefault("CHORSU_NODE_LANGUAGE", "ru")
os.environ.setdefault("CHORSU_EXCHANGE_PRIVATE_PEERS", "true")
# All tests search from one address, in less than a minute.
os.environ.setdefault("CHORSU_SEARCH_PER_MINUTE", "0")
os.environ.pop("CHORSU_CONFIG", None)

from chorsu.jobs.embedded import embedded_database

if "DATABASE_URL" not in os.environ:
    os.environ["DATABASE_URL"] = embedded_database(_folder / "postgres", "chorsu")

from chorsu.config.settings import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# A pool outlives the test database it points at.
DATABASES["default"]["OPTIONS"].pop("pool", None)  # noqa: F405
# Whitenoise warns of a folder that is not there, and warnings are errors.
(_own / "static").mkdir(exist_ok=True)
