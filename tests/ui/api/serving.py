"""A server of the test's own process that answers programs."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import httpx
from uvicorn import Config, Server

from deployment import Deployment
from settings import Settings
from tests.ui.api.asking import until_ready
from ui.api.application import Operations, application


@contextmanager
def serving_programs(settings: Settings, deployment: Deployment) -> Iterator[str]:
    """Serve the API of a collection that is open, and give its address."""
    operations = Operations(settings, lambda: deployment)
    server = Server(Config(application(operations), log_level="warning"))
    with socket.create_server(("127.0.0.1", 0)) as listener, operations.kept_open():
        running = Thread(target=server.run, kwargs={"sockets": [listener]})
        running.start()
        try:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            with httpx.Client(base_url=address) as asking:
                until_ready(asking)
            yield address
        finally:
            server.should_exit = True
            running.join()
