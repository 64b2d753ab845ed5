"""What Python programs do that log in by SASL through kazoo, told step by step as lines of `what: value`.

Usage: sasl-talk.py HOST:PORT
The test that runs this knows which values are right.
"""

import logging
import sys

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException
from kazoo.handlers.threading import KazooTimeoutError
from kazoo.security import ACL, Id, Permissions

logging.basicConfig(level=logging.CRITICAL)
address = sys.argv[1]


def client(user=None, password=None):
    sasl = user and {"mechanism": "DIGEST-MD5", "username": user, "password": password}
    return KazooClient(hosts=address, timeout=4.0, sasl_options=sasl)


def started(user=None, password=None):
    it = client(user, password)
    it.start(timeout=10)
    return it


def tell(what, value):
    print(f"{what}: {value}", flush=True)


def refusal(call, *arguments):
    """The name of the error that a call ends with."""
    try:
        return f"no error but {call(*arguments)}"
    except (KazooException, KazooTimeoutError) as error:
        return type(error).__name__


def only(scheme, name):
    return [ACL(Permissions.ALL, Id(scheme, name))]


bob = started("bob", "b o,b=\"s")
tell("logged in", bob.connected)
bob.create("/bob", b"his", acl=only("sasl", "bob"))
tell("own node", bob.get("/bob")[0].decode())
bob.create("/auth", b"his", acl=only("auth", ""))
tell("auth has become", ",".join(acl.id.id for acl in bob.get_acls("/auth")[0]))
tell("an id that is none", refusal(bob.create, "/none", b"", only("sasl", "a@b@c")))
bob.create("/anybody", b"theirs", acl=only("sasl", "anybody"))

ann = started("ann", "geheim")
tell("another's node", refusal(ann.get, "/bob"))
tell("a node for any user", ann.get("/anybody")[0].decode())

boss = started("boss", "b")
tell("seen by super", boss.get("/bob")[0].decode())
super = started("super", "s")
tell("seen by a user who is called super", super.get("/bob")[0].decode())

stranger = started()
tell("seen by a stranger", refusal(stranger.get, "/bob"))
tell("a node for any user, to a stranger", refusal(stranger.get, "/anybody"))
tell("made by a stranger", stranger.create("/open", b""))



def shut_out(user, password):
    """kazoo counts as connected before it logs in; what it says depends on when it is asked."""
    it = client(user, password)
    it.start_async()
    answer = refusal(it.get, "/open")
    it.stop()
    return answer in ("AuthFailedError", "ConnectionClosedError")


tell("wrong password", shut_out("bob", "wrong"))
tell("unknown user", shut_out("nobody", "x"))

for each in (bob, ann, boss, super, stranger):
    each.stop()
tell("end", "of the talk")
