"""What can be done to drafts and cases: one function a deed (STYLE 2.4)."""

from opora.cases.actions.closing import close_case, reopen_case
from opora.cases.actions.contacts import (
    add_contact,
    bind_contacts,
    remove_contact,
    replace_primary,
)
from opora.cases.actions.drafts import discard_draft, save_draft
from opora.cases.actions.handing_over import offer_draft, offered_draft, take_draft
from opora.cases.actions.messages import attach_file, propose_outcome, write_message
from opora.cases.actions.opening import open_case, rehearse_case
from opora.cases.actions.owning import (
    assign_case,
    release_case,
    set_third_party,
    take_case,
)
from opora.cases.actions.queues import ensure_default_queue
from opora.cases.actions.scanning import scan_attachment
from opora.cases.actions.severity import change_severity

__all__ = [
    "add_contact",
    "assign_case",
    "attach_file",
    "bind_contacts",
    "change_severity",
    "close_case",
    "discard_draft",
    "ensure_default_queue",
    "offer_draft",
    "offered_draft",
    "open_case",
    "propose_outcome",
    "rehearse_case",
    "release_case",
    "remove_contact",
    "reopen_case",
    "replace_primary",
    "save_draft",
    "scan_attachment",
    "set_third_party",
    "take_case",
    "take_draft",
    "write_message",
]
