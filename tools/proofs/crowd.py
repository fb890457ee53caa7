#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many clients of one server: a tenth stalls, a tenth goes away at random, the others read all.

    crowd.py PORT CLIENTS SEED FILE

What one good client gets goes to FILE. At the end a line of JSON says how many sums of bytes the
good ones have come to, and how many went away.
"""
import hashlib
import json
import random
import selectors
import socket
import sys


class Client:
    def __init__(self, port, keeps=None):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.sendall(b"START: ")
        self.sum, self.keeps = hashlib.blake2b(), keeps

    def read(self):
        data = self.socket.recv(1 << 18)
        self.sum.update(data)
        if self.keeps:
            self.keeps.write(data)
        return bool(data)


class Crowd:
    def __init__(self, port, count, seed, keeps):
        self.dice = random.Random(seed)
        tenth = count // 10
        self.good = [Client(port, keeps if i == 0 else None) for i in range(count - 2 * tenth)]
        self.leaving = {Client(port) for _ in range(tenth)}
        self.stalled = [Client(port) for _ in range(tenth)]  # they are there, and that is all
        self.selector = selectors.DefaultSelector()
        for client in (*self.good, *self.leaving):
            self.selector.register(client.socket, selectors.EVENT_READ, client)

    def run(self):
        while self.selector.get_map():
            for key, _ in self.selector.select():
                client = key.data
                if client in self.leaving and self.dice.random() < 0.01:
                    self.leaving.remove(client)
                    self.close(client)
                elif not client.read():
                    self.close(client)

    def close(self, client):
        self.selector.unregister(client.socket)
        client.socket.close()

    def result(self):
        return {"sums": len({client.sum.digest() for client in self.good}),
                "good": len(self.good), "stalled": len(self.stalled),
                "stayed": len(self.leaving)}


def main():
    port, count, seed = (int(word) for word in sys.argv[1:4])
    with open(sys.argv[4], "wb") as keeps:
        crowd = Crowd(port, count, seed, keeps)
        print("ready", flush=True)
        crowd.run()
    print(json.dumps(crowd.result()), flush=True)


if __name__ == "__main__":
    main()
