"""ASGI entry point."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chorsu.config.settings")
django_application = get_asgi_application()

from django.conf import settings  # noqa: E402

from chorsu.web.bodies import CappedBodies  # noqa: E402
from chorsu.wire.node import MAX_NODE_BYTES  # noqa: E402

MB = 1024 * 1024
application = CappedBodies(
    django_application,
    exchange_bytes=MAX_NODE_BYTES,
    # A form beside its file.
    carried_bytes=MB + MB * settings.NODE.number("bundles.max_mb"),
    other_bytes=MB + MB * settings.NODE.number("files.max_mb"),
)
