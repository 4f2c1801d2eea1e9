# What a call costs: `call.py pair <count>`, `call.py would-block <count>`. Prints `ns`, processor time per turn.
import os
import socket
import sys
import time


def pair(count):
    one, other = socket.socketpair()
    data = bytes(64)
    send, recv = one.send, other.recv
    start = time.process_time_ns()
    for _ in range(count):
        send(data)
        recv(64)
    return time.process_time_ns() - start


def would_block(count):
    one, other = socket.socketpair()
    other.setblocking(False)
    recv = other.recv
    start = time.process_time_ns()
    for _ in range(count):
        try:
            recv(64)
        except BlockingIOError:
            pass
    return time.process_time_ns() - start


os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
turns = {"pair": pair, "would-block": would_block}[sys.argv[1]]
count = int(sys.argv[2])
print(f"ns={turns(count) / count:.2f}")
