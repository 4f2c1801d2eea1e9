# A first script, as the other end: stdin goes out, what comes goes to stdout, each to its own end.
# usage: peer.py listen|connect tcp|udp|unix|tls ADDRESS [PORT] [CERTIFICATE KEY]
import os, select, signal, socket, ssl, struct, sys

role, transport, place = sys.argv[1], sys.argv[2], sys.argv[3]
family = socket.AF_UNIX if transport == "unix" else socket.AF_INET
address = place if transport == "unix" else (place, int(sys.argv[4]))
kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM

first = b""
sock = socket.socket(family, kind)
if role == "connect":
    sock.connect(address)
else:
    sock.bind(address)
    if transport == "udp":
        first, sender = sock.recvfrom(65536)
        sock.connect(sender)
    else:
        sock.listen()
        listener, (sock, _) = sock, sock.accept()
        listener.close()

if transport == "tls":
    if role == "connect":
        context = ssl.create_default_context(cafile=sys.argv[5])
        sock = context.wrap_socket(sock, server_hostname=place, suppress_ragged_eofs=False)
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[5], sys.argv[6])
        sock = context.wrap_socket(sock, server_side=True, suppress_ragged_eofs=False)


def cut(*_):
    # On, and for no time: closing then resets.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os._exit(0)


signal.signal(signal.SIGTERM, cut)


def finish():
    if transport == "udp":
        return
    if transport != "tls":
        sock.shutdown(socket.SHUT_WR)
        return
    # unwrap() says our end, then waits for theirs and takes bytes before it for an error: so it must not wait.
    sock.settimeout(0)
    try:
        sock.unwrap()
    except (ssl.SSLWantReadError, ssl.SSLError):
        pass
    sock.settimeout(None)


def hear():
    while data := sock.recv(65536):
        os.write(1, data)
        if transport != "tls" or not sock.pending():
            return True
    return False


if first:
    os.write(1, first)
open_ends = [0, sock]
while open_ends:
    ready, _, _ = select.select(open_ends, [], [])
    if 0 in ready:
        if data := os.read(0, 65000):
            sock.sendall(data)
        else:
            open_ends.remove(0)
            finish()
    if sock in ready and not hear():
        open_ends.remove(sock)
        os.close(1)
