"""The second form of the specification: what `docs/rules.md` says, as plain dictionaries, without I/O.

    tenant = Tenant()
    told = line.process(tenant, Feed(1, "upload", "job-titles", rows=({"name": "Chef"},)))
    told = line.process(tenant, Feed(2, "upload", "employees", rows=({"external_id": "p1", …},)))
    tenant.people["p1"]["job_title"]

It was written from the rules and never from the code, so that where the two differ one of them has it wrong. It
imports nothing of the system, and cares for nothing but being right: everything is looked through again for
every row. A feed is processed whole, in the order of `line.process`, which names the clauses one after another.

| Module | Clauses |
|---|---|
| `state` | 0, what there is |
| `rows` | 2.1-2.7, 3.2, reading a row |
| `people` | 3.3, 3.9, 3.10, 3.13, 3.14, 5.2: what a row makes of a person |
| `references` | 4.1-4.4, 4.6 |
| `addresses` | 3.4-3.8, 3.11, 3.12 |
| `leavers` | 1.5 |
| `safeguards`, `holds` | 6.1-6.4, 3.3 |
| `problems` | 7.4 |
| `retries` | 4.7 |
| `line` | 1.3-1.10 |
"""
