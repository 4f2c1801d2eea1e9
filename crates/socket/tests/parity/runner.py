"""Runs the scenarios by CPython's own modules, and prints what each line gave.

A scenario is Python as it stands: every line is given to `eval` or `exec`. README.md beside this file says
what more there is (`in NAME:`, `join NAME`, `interrupted:`, `timed SECONDS:`). Arguments: the scenario files.
"""

import ast
import concurrent.futures
import errno
import faulthandler
import io
import itertools
import os
import pathlib
import selectors
import signal
import socket
import socketserver
import struct
import sys
import tempfile
import threading
import time
import zlib

LATE_SECONDS = 5


# What a value looks like in a trace.

def show_bytes(data):
    return "'" + "".join(chr(b) if 32 <= b < 127 and b not in b"'\\" else f"\\x{b:02x}" for b in data) + "'"


def show(value):
    if value is None or isinstance(value, bool):
        return repr(value)
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str):
        return show_bytes(value.encode("utf-8", "surrogateescape"))
    if isinstance(value, (bytes, bytearray, memoryview)):
        if len(value) > 80:
            return f"<{len(value)} bytes, adler32 {zlib.adler32(value)}>"
        return "b" + show_bytes(value)
    if isinstance(value, selectors.SelectorKey):
        return show(value.data)
    if isinstance(value, tuple):
        return "(" + ", ".join(map(show, value)) + ")"
    if isinstance(value, list):
        return "[" + ", ".join(map(show, value)) + "]"
    if isinstance(value, socket.socket):
        return "<socket>"
    if isinstance(value, (io.IOBase, socket.SocketIO)):
        return "<file>"
    return "<object>"


def show_error(error):
    if isinstance(error, NameError):
        return "undefined"
    if isinstance(error, socket.gaierror):
        return "gaierror " + EAI_NAMES.get(error.errno, str(error.errno))
    if isinstance(error, OSError) and error.errno is not None:
        return errno.errorcode[error.errno]
    if isinstance(error, TimeoutError):
        return "timed out"
    # What Python refuses before the kernel is asked, whatever the exception: its type, its range, its length.
    if isinstance(error, (OSError, ValueError, OverflowError, TypeError, AttributeError, KeyError)):
        return "refused"
    return type(error).__name__


EAI_NAMES = {getattr(socket, name): name for name in dir(socket) if name.startswith("EAI_")}


# What a scenario finds besides the modules' own names.

def tcp_server():
    return socket.create_server(("127.0.0.1", 0))


def tcp_pair():
    with tcp_server() as server:
        client = socket.create_connection(server.getsockname())
        connection, _ = server.accept()
    return client, connection


def udp_socket():
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind(("127.0.0.1", 0))
    return one


def udp_pair():
    one, other = udp_socket(), udp_socket()
    one.connect(other.getsockname())
    other.connect(one.getsockname())
    return one, other


def fill(one):
    """Sends until the kernel takes no more."""
    timeout = one.gettimeout()
    one.settimeout(0)
    try:
        while True:
            one.send(bytes(65536))
    except BlockingIOError:
        pass
    one.settimeout(timeout)


def temporary_file(data):
    file = tempfile.TemporaryFile()
    file.write(data)
    file.seek(0)
    return file


def closed_port():
    """A port that was free a moment ago and has nobody listening."""
    one = socket.socket()
    one.bind(("127.0.0.1", 0))
    CLOSED.append(one)  # bound and not listening: nobody else gets it, and it refuses
    return one.getsockname()[1]


CLOSED = []


def receive_all(one):
    """Everything until the end."""
    return b"".join(iter(lambda: one.recv(65536), b""))


class Upper(socketserver.StreamRequestHandler):
    """Answers each line in capitals."""

    def handle(self):
        for line in self.rfile:
            self.wfile.write(line.upper())


class Greet(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(b"welcome\n")


class Fail(socketserver.BaseRequestHandler):
    def handle(self):
        if self.request.recv(64) == b"fail":
            raise RuntimeError("asked to")
        self.request.sendall(b"alive")


class UpperDatagram(socketserver.DatagramRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.read().upper())


def quiet(server_class):
    """CPython's class, but for the traceback that it prints when a handler fails."""

    class Server(server_class):
        daemon_threads = True

        def handle_error(self, request, client_address):
            pass

    return Server


SERVERS = {name: quiet(getattr(socketserver, name)) for name in socketserver.__all__ if name.endswith("Server")}


def start(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()


def stop(server):
    server.shutdown()
    server.server_close()


def module_names():
    names = {name: getattr(socket, name) for name in dir(socket) if not name.startswith("_")}
    names.update({name: getattr(selectors, name) for name in dir(selectors) if name.endswith("Selector") or name.startswith("EVENT_")})
    names.update({name: value for name, value in vars(errno).items() if name.startswith("E")})
    names.update(SERVERS)
    own = (tcp_server, tcp_pair, udp_socket, udp_pair, fill, temporary_file, closed_port, receive_all, start, stop, Upper, Greet, Fail, UpperDatagram)
    names.update({thing.__name__: thing for thing in own})
    names["pack"] = struct.pack
    return names


# Running.

class Scenario:
    def __init__(self, name):
        self.name, self.lines, self.alone, self.python = name, [], False, (3, 0)

    def run(self):
        with tempfile.TemporaryDirectory(prefix="p") as folder:
            self.names = module_names()
            self.names["folder"] = folder
            self.names["abstract"] = b"\0landline-python-%d-%d" % (os.getpid(), next(COUNTER))
            self.threads = {}
            trace = [f"=== {self.name}"]
            if sys.version_info < self.python:
                return trace + ["skipped"]
            for number, line in self.lines:
                trace.append(f"{number}\t{self.directive(line)}")
            return trace

    def directive(self, line):
        head, _, rest = line.partition(" ")
        if head == "in":
            name, _, statement = rest.partition(": ")
            self.threads[name] = POOL.submit(self.directive, statement)
            return "started"
        if head == "join":
            return self.threads.pop(rest).result(LATE_SECONDS * 2)
        if head == "interrupted:":
            return interrupted(lambda: self.directive(rest))
        if head == "timed":
            seconds, _, statement = rest.partition(": ")
            start = time.monotonic()
            outcome = self.directive(statement)
            took = time.monotonic() - start
            when = "early" if took < float(seconds) else "late" if took > float(seconds) + LATE_SECONDS else "in time"
            return f"{outcome}, {when}"
        return self.statement(line)

    def statement(self, line):
        tree = ast.parse(line)
        try:
            if isinstance(tree.body[0], ast.Expr):
                return show(eval(line, self.names))
            exec(line, self.names)
            return "ok"
        except Exception as error:
            return show_error(error)


COUNTER = itertools.count()
POOL = concurrent.futures.ThreadPoolExecutor(64)


def interrupted(call):
    """Runs `call` while signals hit its thread."""
    thread, over = threading.get_ident(), threading.Event()

    def strike():
        while not over.wait(0.002):
            signal.pthread_kill(thread, signal.SIGUSR1)

    striker = POOL.submit(strike)
    try:
        return call()
    finally:
        over.set()
        striker.result()


def read(path):
    scenarios = []
    for number, line in enumerate(pathlib.Path(path).read_text().splitlines(), 1):
        line = line.strip()
        if line.startswith("## "):
            scenarios.append(Scenario(line[3:]))
        elif line == "# alone":
            scenarios[-1].alone = True
        elif line.startswith("# python "):
            scenarios[-1].python = tuple(map(int, line[9:].split(".")))
        elif line and not line.startswith("#"):
            scenarios[-1].lines.append((number, line))
    return scenarios


def main(paths):
    faulthandler.dump_traceback_later(60, exit=True)  # a scenario that hangs is told, not waited for
    signal.signal(signal.SIGUSR1, lambda *_: None)
    print(f"python {sys.version.split()[0]}")
    for name, value in [*vars(socket).items(), *vars(selectors).items()]:
        if name.isupper() and isinstance(value, int):
            print(f"constant\t{name}\t{int(value)}")
    for number, name in errno.errorcode.items():
        print(f"errno\t{name}\t{number}")
    scenarios = [scenario for path in paths for scenario in read(path)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        traces = list(pool.map(Scenario.run, (s for s in scenarios if not s.alone)))
    traces += [scenario.run() for scenario in scenarios if scenario.alone]
    print("\n".join(line for trace in traces for line in trace), flush=True)
    os._exit(0)  # a thread that a scenario left waiting holds nobody up


if __name__ == "__main__":
    main(sys.argv[1:])
