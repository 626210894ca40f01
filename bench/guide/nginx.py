"""The peer: nginx, one worker, the same pages packed beforehand (gzip_static), nothing logged."""

import gzip
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from infra.local.ports import PortChooser

START_S = 10
# It chooses the page by the whole header: a lookup in a hash, where the edge reads what is wished.
CONFIG = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  map_hash_bucket_size 256;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  gzip_static on;
  gzip_vary on;
  etag on;
  map $http_accept_language $page {{ default {default}; {pages} }}
  server {{
    listen 127.0.0.1:{port};
    root {folder};
    location /g/ {{ default_type "text/html; charset=utf-8"; {headers} try_files /$page =404; }}
  }}
}}
"""


class Peer(NamedTuple):
    """A running nginx. process: of its master, whose child does the work."""

    port: int
    process: int


def program() -> str | None:
    """Returns nginx, None where it is not installed."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def serving(
    pages: Mapping[str, bytes], served: Mapping[str, str], headers: Mapping[str, str]
) -> Iterator[Peer]:
    """Serves pages at /g/… as long as the block.

    pages: by locale. served: header Accept-Language → locale. headers: sent with every page.
    Errors: RuntimeError.
    """
    nginx = program()
    if nginx is None:
        raise RuntimeError("nginx is not installed: apt-get install nginx-light")
    with tempfile.TemporaryDirectory(prefix="meguri-nginx-") as name:
        folder, port = Path(name), PortChooser().choose(0)
        folder.chmod(0o755)  # as root it serves as nobody
        for locale, page in pages.items():
            (folder / locale).write_bytes(page)
            (folder / f"{locale}.gz").write_bytes(gzip.compress(page, 6, mtime=0))
        (folder / "nginx.conf").write_text(CONFIG.format(
            folder=folder, port=port, default=next(iter(pages)),
            pages=" ".join(f'"{header}" {locale};' for header, locale in served.items()),
            headers=" ".join(f'add_header {key} "{text}";' for key, text in headers.items()),
        ))  # fmt: skip
        process = subprocess.Popen([nginx, "-p", name, "-c", "nginx.conf", "-e", "error.log"])
        try:
            _wait(port, process, folder)
            yield Peer(port, process.pid)
        finally:
            process.terminate()
            process.wait(START_S)


def _wait(port: int, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as knock:
            knock.settimeout(1)
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    log = folder / "error.log"
    raise RuntimeError(f"nginx did not start: {log.read_text()[-400:] if log.exists() else ''}")
