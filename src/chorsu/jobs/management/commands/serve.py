"""`chorsu serve`: the web server of the node."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections
from uvicorn.supervisors import Multiprocess

from chorsu.flows.witnessing import ask_before_start
from chorsu.jobs.server_config import ServerConfig
from chorsu.kernel.clock import utc_now


class Command(BaseCommand):
    help = "Serve pages, the API and the exchange (web.bind, web.port, web.workers)."

    def handle(self, *args: Any, **options: Any) -> None:
        ask_before_start(now=utc_now())
        connections.close_all()
        node = settings.NODE
        behind_proxy = node.flag("web.behind_proxy")
        config = ServerConfig(
            "chorsu.config.asgi:application",
            host=node.text("web.bind"),
            port=node.number("web.port"),
            workers=node.number("web.workers"),
            lifespan="off",
            proxy_headers=behind_proxy,
            forwarded_allow_ips="127.0.0.1,::1" if behind_proxy else "",
            server_header=False,
            date_header=True,
            log_level="info" if node.flag("web.debug") else "warning",
            timeout_graceful_shutdown=10,
            h11_max_incomplete_event_size=64 * 1024,
        )
        bound = config.bind_socket()
        with suppress(KeyboardInterrupt):
            if config.workers > 1:
                Multiprocess(config, sockets=[bound]).run()
                return
            server = uvicorn.Server(config)
            server.run(sockets=[bound])
            if not server.started:
                sys.exit(1)
