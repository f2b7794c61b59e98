"""What can be done to drafts and cases: one function a deed (STYLE 2.4)."""

from opora.cases.actions.closing import close_case, reopen_case
from opora.cases.actions.contacts import (
    add_contact,
    bind_contacts,
    remove_contact,
    replace_primary,
)
from opora.cases.actions.drafts import (
    begin_follow_up,
    choose_bought_contract,
    discard_draft,
    save_draft,
)
from opora.cases.actions.groups import (
    add_group,
    join_group,
    leave_group,
    leave_organization,
    name_group,
    switch_groups,
)
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
from opora.cases.actions.ratings import rate_case
from opora.cases.actions.reading import mark_read
from opora.cases.actions.scanning import scan_attachment
from opora.cases.actions.severity import change_severity

__all__ = [
    "add_contact",
    "add_group",
    "assign_case",
    "attach_file",
    "begin_follow_up",
    "bind_contacts",
    "change_severity",
    "choose_bought_contract",
    "close_case",
    "discard_draft",
    "ensure_default_queue",
    "join_group",
    "leave_group",
    "leave_organization",
    "mark_read",
    "name_group",
    "offer_draft",
    "offered_draft",
    "open_case",
    "propose_outcome",
    "rate_case",
    "rehearse_case",
    "release_case",
    "remove_contact",
    "reopen_case",
    "replace_primary",
    "save_draft",
    "scan_attachment",
    "set_third_party",
    "switch_groups",
    "take_case",
    "take_draft",
    "write_message",
]
