"""DET203: identifiers that differ in every run."""

from __future__ import annotations

from cwc.contract.rules.rule import Rule, banned, defined

RULE = Rule(
    definition=defined("DET203", "random_uuid", "error", "An identifier is made that differs in every run"),
    instead="derive it with `uuid5` from what the flow was given, or take it as an input",
    members=banned("""
        uuid.uuid1 uuid.uuid4 uuid.uuid6 uuid.uuid7 uuid.uuid8 uuid.getnode uuid._generate_time_safe
        uuid._random_getnode
        ulid.* shortuuid.* nanoid.* ksuid.* xid.* cuid.* cuid2.* bson.ObjectId bson.objectid.ObjectId uuid_utils.*
        fastuuid.*
        uuid_extensions.*
    """),
)  # fmt: skip
