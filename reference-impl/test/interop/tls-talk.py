"""What Python programs do that come by TLS through kazoo, told step by step as lines of `what: value`.

Usage: tls-talk.py SECURE-PORT PORT-FOR-BOTH FOLDER-WITH-CERTIFICATES
The test that runs this knows which values are right.
"""

import logging
import sys

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException
from kazoo.handlers.threading import KazooTimeoutError
from kazoo.security import ACL, Id, Permissions

logging.basicConfig(level=logging.CRITICAL)
secure, both, folder = sys.argv[1:]


def client(port, name=None, patience=10, **options):
    if name:
        files = {"certfile": f"{folder}/{name}.crt", "keyfile": f"{folder}/{name}.key"}
        options = {"use_ssl": True, "ca": f"{folder}/ca.pem", **files, **options}
    it = KazooClient(hosts=f"127.0.0.1:{port}", timeout=4.0, connection_retry={"max_tries": 1}, **options)
    it.start(timeout=patience)
    return it


def tell(what, value):
    print(f"{what}: {value}", flush=True)


def refusal(call, *arguments, **options):
    """The name of the error that a call ends with."""
    try:
        return f"no error but {call(*arguments, **options)}"
    except (KazooException, KazooTimeoutError) as error:
        return type(error).__name__


def only(scheme, name):
    return [ACL(Permissions.ALL, Id(scheme, name))]


ann = client(secure, "ann")
ann.create("/ann", b"hers", acl=only("auth", ""))
tell("auth has become", ann.get_acls("/ann")[0][0].id.id)
ann.create("/large", b"x" * 900_000)
tell("large data", len(ann.get("/large")[0]))
tell("a subject that is none", refusal(ann.create, "/none", b"", only("x509", "ann")))
ann.create("/bob", b"his", acl=only("x509", "CN=bob"))

bob = client(secure, "bob")
tell("another's node", refusal(bob.get, "/ann"))
tell("made for him", bob.get("/bob")[0].decode())

admin = client(secure, "admin")
tell("seen by super", admin.get("/ann")[0].decode())

tell("no certificate", refusal(client, secure, patience=0.5, use_ssl=True, ca=f"{folder}/ca.pem"))
tell("a certificate of nobody", refusal(client, secure, "stranger", patience=0.5))
tell("a certificate taken back", refusal(client, secure, "former", patience=0.5))
tell("a certificate that may be taken back or not", refusal(client, secure, "unlisted", patience=0.5))
tell("no TLS", refusal(client, secure, patience=0.5))

either = client(both, "ann")
tell("by TLS where both go", either.get("/ann")[0].decode())
plain = client(both)
tell("without TLS where both go", refusal(plain.get, "/ann"))

sasl = {"mechanism": "DIGEST-MD5", "username": "carl", "password": "c"}
carl = client(secure, "bob", sasl_options=sasl)
carl.create("/carl", b"his", acl=only("sasl", "carl"))
tell("by TLS and SASL", carl.get("/carl")[0].decode() + ", " + carl.get("/bob")[0].decode())

for each in (ann, bob, admin, either, plain, carl):
    each.stop()
tell("end", "of the talk")
