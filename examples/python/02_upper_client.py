"""Says something and hears it in capitals: python3 examples/python/02_upper_client.py [PORT [TEXT]]"""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 7000

text = sys.argv[2] if len(sys.argv) > 2 else "hello"
with socket.create_connection(("127.0.0.1", port)) as client:
    client.sendall(text.encode())
    client.shutdown(socket.SHUT_WR)
    answer = b""
    while data := client.recv(1024):
        answer += data
print("received", answer.decode())
