"""Tells all nodes that a server has, changes them in every way, and tells them again.

Usage: journey-talk.py HOST:PORT NUMBER
NUMBER says which station of the journey this is; it is in everything that is written.
"""

import json
import logging
import sys

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException
from kazoo.security import make_acl, make_digest_acl

logging.basicConfig(level=logging.CRITICAL)
address, number = sys.argv[1], sys.argv[2]
client = KazooClient(hosts=address, timeout=10, auth_data=[("digest", "ann:secret")])
client.start(timeout=20)


def all_nodes(path="/"):
    data, stat = client.get(path)
    acls, _ = client.get_acls(path)
    entries = sorted([acl.perms, acl.id.scheme, acl.id.id] for acl in acls)
    nodes = {path: [data.hex() if data is not None else None, list(stat), entries]}
    for child in client.get_children(path):
        nodes.update(all_nodes(f"{path.rstrip('/')}/{child}"))
    return nodes


print("found:", json.dumps(all_nodes(), sort_keys=True))

top = f"/station-{number}"
client.create(top, b"first")
client.create(f"{top}/secret", b"hidden", acl=[make_digest_acl("ann", "secret", all=True)])
several = [make_acl("ip", "127.0.0.1", all=True), make_digest_acl("ann", "secret", read=True)]
client.create(f"{top}/two", b"x" * 3000, acl=several)
counted = [client.create(f"{top}/n-", b"%d" % i, sequence=True) for i in range(12)]
for path in counted[::2]:
    client.delete(path)
for i in range(30):
    client.set(top, b"set %d" % i)
client.set_acls(counted[1], [make_digest_acl("ann", "secret", all=True)])
client.create(f"{top}/here", b"", ephemeral=True)
client.create(f"{top}/empty", b"")
try:
    client.create(f"{top}/empty", b"again")
except KazooException:
    pass

multi = client.transaction()
multi.create(f"{top}/multi", b"1")
multi.set_data(f"{top}/multi", b"2")
multi.delete(f"{top}/empty")
multi.commit()
failing = client.transaction()
failing.create(f"{top}/never", b"")
failing.delete(f"{top}/missing")
failing.commit()

if number != "1":
    client.set("/station-1", b"visited by %s" % number.encode())
    counted = [name for name in sorted(client.get_children("/station-1")) if name.startswith("n-")]
    client.delete(f"/station-1/{counted[-1]}")
    client.create("/station-1/n-", b"of a visitor", sequence=True)

client.delete(f"{top}/here")
print("left:", json.dumps(all_nodes(), sort_keys=True))
client.stop()
