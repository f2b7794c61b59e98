"""Examples of the description, by operation id. A test checks that each fits its schema."""

from __future__ import annotations

from typing import Any

CONTRACT_ID = "3f9a1c0e5d7b48268e1f0a2b4c6d8e90"
CONTRACT: dict[str, Any] = {
    "id": CONTRACT_ID,
    "contract_id": "1234-5678-9012",
    "plan": {"code": "partner-on-premises-20", "name": "Partner on-premises support, 20 incidents"},
    "starts_on": "2026-01-15",
    "ends_on": "2027-02-13",
    "incidents_granted": 20,
    "incidents_left": 17,
    "status": "active",
    "registered_at": "2026-01-20T09:12:31Z",
}
CASE: dict[str, Any] = {
    "number": "2611220123456789",
    "status": "submitted",
    "turn": "vendor",
    "product": "windows-server",
    "version": "windows-server-2022",
    "problem": "none-of-these",
    "title": "Failover cluster loses its quorum after an update",
    "description": "Since the update of Friday night both nodes lose the witness disk.",
    "non_production": False,
    "contract": {"id": CONTRACT_ID, "contract_id": "1234-5678-9012"},
    "severity": "B",
    "round_the_clock": False,
    "country": "CZ",
    "time_zone": "Europe/Prague",
    "submitted_at": "2026-11-23T08:00:00Z",
    "response_due_at": "2026-11-23T12:00:00Z",
    "first_responded_at": None,
    "last_activity_at": "2026-11-23T08:00:00Z",
    "closed_at": None,
    "outcome": None,
    "owner": None,
    "attachments": [],
}
RECEIPT = {
    "number": CASE["number"],
    "submitted_at": CASE["submitted_at"],
    "response_due_at": CASE["response_due_at"],
    "contract": CASE["contract"],
    "readable": True,
}
REHEARSAL = {"response_due_at": CASE["response_due_at"], "incidents_left_after": 16}
OPENING = {
    "product": "windows-server",
    "version": "windows-server-2022",
    "title": CASE["title"],
    "description": CASE["description"],
    "contract": CONTRACT_ID,
    "severity": "B",
    "round_the_clock": False,
    "country": "CZ",
    "time_zone": "Europe/Prague",
    "primary_contact": {
        "given_name": "Jana",
        "family_name": "Nováková",
        "email": "jana.novakova@example.com",
        "phone": "+420 601 123 456",
        "preferred_contact": "email",
        "language": "cs",
    },
    "additional_contacts": [
        {"given_name": "Petr", "family_name": "Malý", "email": "petr.maly@example.com"}
    ],
}
UPLOAD = {
    "id": "9b2f6d1c8e3a4705b1c2d3e4f5a60718",
    "name": "cluster.log",
    "size": 48213,
    "media_type": "text/plain",
    "state": "ready",
}
ATTACHMENT = UPLOAD | {"at": "2026-11-23T07:58:12Z"}
MESSAGE = {
    "id": "0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f",
    "author": {"name": "Jana Nováková", "role": "customer"},
    "body": "The witness disk is back after a restart of node 2.",
    "at": "2026-11-23T08:31:07Z",
    "attachments": [],
    "internal": False,
}
CONTACT = {
    "id": "7e6d5c4b3a29180f7e6d5c4b3a29180f",
    "role": "additional",
    "given_name": "Petr",
    "family_name": "Malý",
    "email": "petr.maly@example.com",
}


def _page(*items: Any) -> dict[str, Any]:
    return {"items": list(items), "next": None}


EXAMPLES: dict[str, dict[str, Any]] = {
    "get_me": {
        "response": {
            "id": "c0ffee00c0ffee00c0ffee00c0ffee00",
            "kind": "personal",
            "email": "jana.novakova@example.com",
            "given_name": "Jana",
            "family_name": "Nováková",
            "country": "CZ",
            "time_zone": "Europe/Prague",
            "language": "cs",
        }
    },
    "list_products": {
        "response": _page(
            {
                "id": "windows-server",
                "family": "Windows Server",
                "name": "Windows Server",
                "deployment": "on_premises",
                "supported_at": None,
            }
        )
    },
    "list_versions": {
        "response": _page(
            {
                "id": "windows-server-2022",
                "name": "Windows Server 2022",
                "released_on": "2021-08-18",
                "mainstream_ends_on": "2026-10-13",
                "extended_ends_on": "2031-10-14",
                "phase": "extended",
                "generation": 1,
            }
        )
    },
    "list_problems": {
        "response": _page({"id": "none-of-these", "category": "other", "name": "None of these"})
    },
    "list_contracts": {"response": _page(CONTRACT)},
    "add_contract": {
        "request": {"access_id": "7Q2M-9XKD-R4TB-6WNH-3VZC", "contract_id": "1234-5678-9012"},
        "response": CONTRACT,
    },
    "list_entries": {
        "response": _page(
            {
                "kind": "consumed",
                "quantity": -1,
                "reason": "case-opened",
                "case": CASE["number"],
                "by": {"name": "Jana Nováková"},
                "at": "2026-11-23T08:00:00Z",
                "balance": 17,
            }
        )
    },
    "ask_eligibility": {
        "request": {"product": "windows-server", "version": "windows-server-2022", "severity": "B"},
        "response": {
            "usable": [],
            "unavailable": [
                CONTRACT
                | {
                    "reasons": [
                        {
                            "code": "mainstream-support-ended",
                            "message": "Windows Server 2022 is out of mainstream support.",
                            "remedy": "Choose a newer version.",
                        }
                    ]
                }
            ],
            "purchase": {
                "allowed": False,
                "reasons": [
                    {
                        "code": "not-offered",
                        "message": "Support cannot be bought here.",
                        "remedy": "Add a support contract.",
                    }
                ],
                "offers": [],
            },
        },
    },
    "upload_file": {"response": UPLOAD},
    "open_case": {"request": OPENING, "201": RECEIPT, "200": REHEARSAL},
    "list_cases": {"response": _page(CASE)},
    "get_case": {"response": CASE},
    "change_case": {
        "request": {"severity": "A"},
        "response": CASE | {"severity": "A"},
    },
    "list_messages": {"response": _page(MESSAGE)},
    "add_message": {"request": {"body": MESSAGE["body"]}, "response": MESSAGE},
    "list_attachments": {"response": _page(ATTACHMENT)},
    "add_attachment": {"response": ATTACHMENT},
    "list_contacts": {"response": _page(CONTACT)},
    "add_contact_to_case": {
        "request": {
            "role": "additional",
            "given_name": "Petr",
            "family_name": "Malý",
            "email": "petr.maly@example.com",
        },
        "response": CONTACT,
    },
    "create_closure": {
        "request": {"outcome": "solved"},
        "response": CASE
        | {
            "status": "closed",
            "turn": None,
            "closed_at": "2026-11-24T10:00:00Z",
            "outcome": "solved",
        },
    },
    "delete_closure": {"response": CASE},
}
