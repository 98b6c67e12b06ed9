"""A web server and a bucket on the loopback device, with all that they can do wrong."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape


@dataclass
class Web:
    """What is served, and what was asked for."""

    content: dict[str, bytes] = field(default_factory=dict)  # path -> bytes
    by_query: dict[str, bytes] = field(default_factory=dict)  # path and query -> bytes
    status: dict[str, int] = field(default_factory=dict)  # path -> what is answered instead
    ranges: bool = True  # False: each answer holds the whole file, as Python's own http.server does
    silent: float = 0.0  # seconds before an answer
    lost: int = 0  # so many answers to GET end in the middle
    sent: list[int] = field(default_factory=list)  # bytes of each answer
    asked: list[str] = field(default_factory=list)  # paths with their queries
    port: int = 0

    def url(self, path: str) -> str:
        """The address of a file."""
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def serving() -> Iterator[Web]:
    """A server for as long as it is needed."""
    web = Web()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(web))
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # callers who hang up are part of the tests
    web.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(web: Web) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self, *, body: bool) -> None:
            time.sleep(web.silent)
            asked = urlsplit(self.path)
            path = unquote(asked.path)
            web.asked.append(self.path)
            query = parse_qs(asked.query)
            if "list-type" in query:
                self._send(*_listing(web, path, query), {"Content-Type": "application/xml"}, body=body)
            elif self.path in web.by_query:
                self._send(*_part(web, web.by_query[self.path], self.headers.get("Range")), body=body)
            elif path in web.status or path not in web.content:
                self._send(web.status.get(path, 404), b"", {}, body=body)
            else:
                self._send(*_part(web, web.content[path], self.headers.get("Range")), body=body)

        def _send(self, status: int, content: bytes, headers: dict[str, str], *, body: bool) -> None:
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(content))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            if body and web.lost and content:
                web.lost -= 1
                content = content[: len(content) // 2]
            if body:
                web.sent.append(len(content))
                self.wfile.write(content)

    return Handler


def _part(web: Web, content: bytes, asked: str | None) -> tuple[int, bytes, dict[str, str]]:
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", asked or "")
    if not web.ranges or not found:
        return 200, content, {}
    first, last = found.groups()
    start = int(first) if first else len(content) - int(last)
    part = content[start : int(last) + 1 if first and last else None]
    return 206, part, {"Content-Range": f"bytes {start}-{start + len(part) - 1}/{len(content)}"}


def _listing(web: Web, path: str, query: dict[str, list[str]]) -> tuple[int, bytes]:
    """ListObjectsV2 of S3: the keys of a bucket that begin with a prefix, cut at the delimiter."""
    bucket = "/" + path.strip("/") + "/"
    if not any(one.startswith(bucket) for one in web.content):
        return 404, b"<Error><Code>NoSuchBucket</Code><Message>The bucket does not exist</Message></Error>"
    prefix, delimiter = query.get("prefix", [""])[0], query.get("delimiter", [""])[0]
    keys = sorted(one.removeprefix(bucket) for one in web.content if one.startswith(bucket + prefix))
    folders: dict[str, None] = {}
    objects = ""
    for key in keys:
        inside, cut, _ = key[len(prefix) :].partition(delimiter) if delimiter else (key, "", "")
        if cut:
            folders[prefix + inside + cut] = None
            continue
        size = len(web.content[bucket + key])
        objects += (
            f"<Contents><Key>{escape(key)}</Key><Size>{size}</Size><ETag>&quot;1&quot;</ETag>"
            "<LastModified>2024-01-01T00:00:00.000Z</LastModified><StorageClass>STANDARD</StorageClass></Contents>"
        )
    common = "".join(f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>" for one in folders)
    many = len(keys)
    return 200, (
        f"<ListBucketResult><Name>{bucket.strip('/')}</Name><Prefix>{escape(prefix)}</Prefix>"
        f"<KeyCount>{many}</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>"
        f"{objects}{common}</ListBucketResult>"
    ).encode()
