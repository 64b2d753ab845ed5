"""What a Python program does with ZooKeeper through kazoo, told step by step as lines of `what: value`.

Usage: kazoo-talk.py HOST:PORT
The test that runs this knows which values are right.
"""

import logging
import sys
import threading
import time

from kazoo.client import KazooClient, KazooState
from kazoo.exceptions import KazooException
from kazoo.security import ACL, OPEN_ACL_UNSAFE, Id, make_digest_acl

logging.basicConfig(level=logging.CRITICAL)
address = sys.argv[1]
timeout = 2.0


def client(**options):
    it = KazooClient(hosts=address, timeout=timeout, **options)
    it.start(timeout=10)
    return it


def tell(what, value):
    print(f"{what}: {value}", flush=True)


def refusal(call, *arguments, **options):
    """The name of the error that a call ends with."""
    try:
        return f"no error but {call(*arguments, **options)}"
    except KazooException as error:
        return type(error).__name__


class Watch:
    """Remembers the events it is told, and waits for the first."""

    all = []

    def __init__(self):
        Watch.all.append(self)
        self.events = []
        self.told = threading.Event()

    def __call__(self, event):
        self.events.append(f"{event.type} {event.path}")
        self.told.set()

    def first(self):
        self.told.wait(10)
        return ", ".join(self.events)


zk = client()

# Create, read, set, list, delete.
tell("create", zk.create("/kazoo", b"first"))
tell("create2", zk.create("/kazoo/two", b"", include_data=True)[0])
data, stat = zk.get("/kazoo")
tell("read", data.decode())
tell("read version", stat.version)
tell("read children", stat.numChildren)
tell("age below a minute", abs(time.time() - stat.created) < 60)
tell("set version", zk.set("/kazoo", "zweites ✓".encode()).version)
tell("read again", zk.get("/kazoo")[0].decode())
tell("empty data", zk.get("/kazoo/two")[0] == b"")
zk.create("/kazoo/one")
tell("children", sorted(zk.get_children("/kazoo")))
tell("children with stat", zk.get_children("/kazoo", include_data=True)[1].cversion)
tell("sync", zk.sync("/kazoo"))
tell("delete", zk.delete("/kazoo/one"))
tell("exists after delete", zk.exists("/kazoo/one"))

# Refusals.
tell("create again", refusal(zk.create, "/kazoo"))
tell("create without parent", refusal(zk.create, "/none/child"))
tell("get missing", refusal(zk.get, "/none"))
tell("set wrong version", refusal(zk.set, "/kazoo", b"", version=7))
tell("delete wrong version", refusal(zk.delete, "/kazoo", version=7))
tell("delete with children", refusal(zk.delete, "/kazoo"))
tell("child of an ephemeral", refusal(lambda: (zk.create("/brief", ephemeral=True), zk.create("/brief/child"))))

# All or nothing.
whole = zk.transaction()
whole.create("/whole", b"1")
whole.set_data("/whole", b"2", version=0)
whole.check("/whole", version=1)
whole.create("/whole/n-", sequence=True)
tell("transaction", [r if isinstance(r, (str, bool)) else r.version for r in whole.commit()])
half = zk.transaction()
half.delete("/whole/n-0000000000")
half.check("/whole", version=7)
half.create("/never")
tell("transaction that fails", [type(r).__name__ for r in half.commit()])
tell("nothing of it happened", [zk.exists("/never"), zk.get_children("/whole")])

# Sequential names.
zk.create("/sequence")
tell("sequence", [zk.create("/sequence/n-", sequence=True)[-10:] for _ in range(3)])
tell("ephemeral sequence", zk.create("/sequence/e-", sequence=True, ephemeral=True))

# Watches: one event each, and the event before any later answer.
watch = Watch()
zk.exists("/soon", watch=watch)
zk.create("/soon")
tell("watch for creation", watch.first())
watch = Watch()
zk.get("/soon", watch=watch)
zk.set("/soon", b"1")
zk.set("/soon", b"2")
tell("watch for data", watch.first())
watch = Watch()
zk.get_children("/soon", watch=watch)
zk.create("/soon/child")
zk.create("/soon/another")
tell("watch for children", watch.first())
watch = Watch()
zk.get("/soon/child", watch=watch)
zk.delete("/soon/child")
tell("watch for deletion", watch.first())

# Access control lists: one who has logged in, one who has not.
ann = client(auth_data=[("digest", "ann:secret")])
own = make_digest_acl("ann", "secret", all=True)
ann.create("/ann", b"hers", acl=[own])
tell("own node read by its owner", ann.get("/ann")[0].decode())
tell("own node read by another", refusal(zk.get, "/ann"))
tell("own node set by another", refusal(zk.set, "/ann", b""))
tell("child made by another", refusal(zk.create, "/ann/child"))
tell("list read by another", refusal(zk.get_acls, "/ann"))
tell("stored list is the one asked for", ann.get_acls("/ann")[0] == [own])
ann.create("/ann/open")
tell("nothing is inherited", zk.exists("/ann/open").version)
tell("child deleted by another", refusal(zk.delete, "/ann/open"))
ann.set_acls("/ann", [ACL(31, Id("auth", "")), OPEN_ACL_UNSAFE[0]._replace(perms=1)])
tell("hash shown to a reader", zk.get_acls("/ann")[0][0].id.id)
tell("auth has become the owner", ann.get_acls("/ann")[0][0] == own)
tell("auth of nobody", refusal(zk.create, "/nobody", acl=[ACL(31, Id("auth", ""))]))
tell("no list", refusal(zk.create, "/nobody", acl=[ACL(31, Id("kerberos", "x"))]))
tell("list version", ann.get_acls("/ann")[1].acl_version)
zk.add_auth("digest", "ann:secret")
tell("logged in later", zk.set("/ann", b"ours").version)
operator = client(auth_data=[("digest", "super:test")])
ann.create("/shut", acl=[ACL(0, Id("world", "anyone"))])
tell("shut for its maker", refusal(ann.get, "/shut"))
tell("open for super", operator.get("/shut")[1].version)
ann.stop()
operator.stop()

# A second session: much at once comes back in order, and so does one large thing.
other = client()
answers = [other.create_async("/sequence/many-", sequence=True) for _ in range(200)]
names = [answer.get(timeout=10) for answer in answers]
tell("200 under way", names == sorted(set(names)) and len(names) == 200)
other.create("/kazoo/large", bytes(900_000))
tell("large data", len(other.get("/kazoo/large")[0]))

# A recipe on top of all that.
lock, rival = zk.Lock("/lock", "first"), other.Lock("/lock", "second")
tell("lock", lock.acquire(timeout=5))
tell("lock taken", rival.acquire(blocking=False))
tell("lock contenders", lock.contenders())
lock.release()
tell("lock free again", rival.acquire(timeout=5))
rival.release()

# A session that only pings outlives its timeout.
session, password = other.client_id
time.sleep(1.25 * timeout)
tell("idle beyond the timeout", other.connected and other.client_id[0] == session)

# A connection breaks: the session, its ephemeral nodes and its watches' nodes stay.
other.create("/mine", ephemeral=True)
states = []
back = threading.Event()


def moved(state):
    states.append(state)
    if state == KazooState.CONNECTED:
        back.set()


other.add_listener(moved)
other._connection._socket.shutdown(2)
back.wait(10)
tell("after the break", states)
tell("session after the break", other.client_id == (session, password))
tell("ephemeral after the break", zk.exists("/mine").ephemeralOwner == session)

# A goodbye: its ephemeral nodes go at once, and the session cannot be taken up again.
watch = Watch()
zk.exists("/mine", watch=watch)
other.stop()
tell("ephemeral after a goodbye", watch.first())
late = client(client_id=(session, password))
tell("closed session stays closed", late.client_id[0] != session)
late.stop()

# A wrong password does not take over a living session.
session, password = zk.client_id
thief = client(client_id=(session, b"x" * 16))
tell("wrong password gets another session", thief.client_id[0] != session)
thief.stop()
zk.retry(zk.sync, "/")
tell("session after the theft", zk.client_id == (session, password))

tell("events of each watch", [len(watch.events) for watch in Watch.all])
zk.stop()
tell("end", "of the talk")
