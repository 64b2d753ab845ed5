"""What Python programs do that leaves lines in an audit log. Says nothing: the test that runs this reads the log.

Usage: audit-talk.py HOST:PORT
"""

import logging
import sys

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException
from kazoo.security import ACL, Id, make_digest_acl

logging.basicConfig(level=logging.CRITICAL)


def client():
    it = KazooClient(hosts=sys.argv[1], timeout=4.0)
    it.start(timeout=10)
    return it


def attempt(call, *arguments, **options):
    try:
        call(*arguments, **options)
    except KazooException:
        pass


anyone = ACL(31, Id("world", "anyone"))

ann = client()
ann.add_auth("digest", "ann:secret")
attempt(ann.create, "/a", b"")
attempt(ann.create, "/a", b"")
attempt(ann.create, "/none/b", b"")
attempt(ann.create, "/s-", b"", sequence=True)
attempt(ann.create, "/two", b"", include_data=True)
attempt(ann.create, "/hers", b"", acl=[make_digest_acl("ann", "secret", all=True)])
attempt(ann.set, "/a", b"x")
attempt(ann.set, "/none", b"x")
attempt(ann.set_acls, "/a", [anyone, ACL(3, Id("ip", "10.0.0.0/8"))])
attempt(ann.set_acls, "/a", [ACL(31, Id("none", "x"))])
attempt(ann.delete, "/two")
attempt(ann.delete, "/none")
attempt(ann.get, "/a")

both = ann.transaction()
both.create("/m", b"")
both.set_data("/a", b"y")
both.check("/a", -1)
both.delete("/m")
both.commit()
neither = ann.transaction()
neither.create("/n", b"")
neither.delete("/none")
neither.commit()

stranger = client()
attempt(stranger.set, "/hers", b"")
stranger.create("/brief", b"", ephemeral=True)
stranger.stop()
ann.stop()
