"""Serves the page, on this computer alone unless told otherwise."""

import os
import socket
import tempfile

from gru_apps.cli import console, streams
from gru_apps.cli.play.limits import MAX_BYTES

MISSING = (
    "The page needs Gradio, which is not installed. "
    'Get it by: python -m pip install ".[play]"'
)
# all comes from the server itself: a browser refuses to ask anybody else
POLICY = (
    "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; "
    "frame-ancestors 'self'; form-action 'self'; base-uri 'self'"
)


def serve(folder: os.PathLike, host: str, port: int, *, open_browser: bool) -> None:
    """Serves the page of the SavedModels in `folder` until Ctrl-C.

    Raises `ImportError` without Gradio, and `OSError` if the port is taken.
    """
    _check_free(host, port)
    streams.write("Loading the models takes some seconds.")
    with tempfile.TemporaryDirectory() as kept:
        app = launch(folder, host, port, kept)
        streams.write(f"The page is at {app.local_url} (Ctrl-C ends it).")
        if open_browser:
            import webbrowser

            webbrowser.open(app.local_url)
        app.block_thread()


def _check_free(host, port):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise OSError(
            f"The page cannot be at {host}, port {port}: {error.strerror}. "
            "Choose others by --host and --port."
        ) from error


def launch(folder: os.PathLike, host: str, port: int, kept: str):
    """Loads all models, begins to serve, and returns the page.

    `kept` is a folder for what visitors upload, which is removed at the end, and each
    file some minutes after it came.
    """
    _import_gradio(kept)
    from starlette.middleware import Middleware

    from gru_apps.cli.play import page
    from gru_apps.cli.play.asking import Models

    console.import_tensorflow()
    models = Models(folder)
    load_all(models)
    app = page.build(models)
    app.launch(
        server_name=host,
        server_port=port,
        prevent_thread_lock=True,
        share=False,
        quiet=True,
        max_file_size=MAX_BYTES,
        footer_links=[],
        enable_monitoring=False,
        ssr_mode=False,
        app_kwargs={"middleware": [Middleware(OwnPages)]},
        **page.look(),
    )
    return app


def _import_gradio(kept):
    """Imports Gradio, which shall tell nobody, and keep files in a folder."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_TEMP_DIR"] = kept
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        import gradio  # noqa: F401
    except ModuleNotFoundError as error:
        raise ImportError(MISSING) from error


def load_all(models) -> None:
    """Loads the models: whoever comes is answered at once."""
    from gru_apps.cli.play.page import MODELS

    for name in MODELS:
        try:
            models.load(name)
        except ValueError as error:  # its tab says so, too
            streams.complain(console.sentence(error))


class OwnPages:
    """Adds the notebooks as pages, and forbids the browser to ask other servers."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        """Answers one request, as ASGI has it."""
        path = scope.get("path", "")
        if scope["type"] == "http" and path.startswith("/notebooks/"):
            from starlette.concurrency import run_in_threadpool

            response = await run_in_threadpool(_notebook, path)
            return await response(scope, receive, self._guarded(send))
        return await self.app(scope, receive, self._guarded(send))

    @staticmethod
    def _guarded(send):
        async def guarded(message):
            if message["type"] == "http.response.start":
                own = [
                    (b"content-security-policy", POLICY.encode()),
                    (b"referrer-policy", b"no-referrer"),
                ]
                message["headers"] = [*message.get("headers", []), *own]
            await send(message)

        return guarded


def _notebook(path):
    from starlette.responses import HTMLResponse, PlainTextResponse

    from gru_apps.cli.play import lessons

    name = path.removeprefix("/notebooks/").removesuffix(".html")
    page = lessons.as_page(name)
    if page is None:
        return PlainTextResponse("There is no such notebook.", status_code=404)
    return HTMLResponse(page)
