"""Settings of the tests: the embedded PostgreSQL, a throw-away data folder, quick passwords."""

import os
import tempfile
from pathlib import Path

_folder = Path(os.environ.setdefault("CHORSU_TEST_DIR", tempfile.mkdtemp(prefix="chorsu-test-")))
os.environ.setdefault("CHORSU_NODE_DATA_DIR", str(_folder))
os.environ.setdefault("CHORSU_NODE_NAME", "hub.chorsu.example")
os.environ.setdefault("CHORSU_NODE_INSTITUTION", "hub-astana")
os.environ.setdefault("CHORSU_NODE_LANGUAGE", "ru")
os.environ.setdefault("CHORSU_EXCHANGE_PRIVATE_PEERS", "true")
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
(_folder / "static").mkdir(exist_ok=True)
