"""HR systems that nobody ships a manifest for, as their vendors document them: how each answers, and a manifest for it.

Each has four people in pages of two, the last of whom has left; each answers only who asks as its documentation says.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from tests.integration.sources.hr import Asked, Reply, reply

type Document = dict[str, Any]

PEOPLE = [("1", "Ana", "Ruiz", "Chef", True), ("2", "Ben", "Sol", "Waiter", True)]
PEOPLE += [("3", "Cleo", "Mar", "Chef", True), ("4", "Dan", "Rey", "Waiter", False)]
SECRET = "a-long-secret"
SIZE = 2


@dataclass(frozen=True, slots=True)
class Vendor:
    """How a system answers, and the manifest for it, without a name, an address and the secret's name."""

    answer: Callable[[Asked], Reply]
    manifest: Document
    secret: str = SECRET


def _only_for(header: str, value: str, answer: Callable[[Asked], Reply]) -> Callable[[Asked], Reply]:
    def guarded(asked: Asked) -> Reply:
        return answer(asked) if asked.headers.get(header) == value else reply({"message": "who are you?"}, 401)

    return guarded


# Personio, GET /v1/company/employees: every value wrapped, offset and limit, totals in `metadata`.


def _personio(asked: Asked) -> Reply:
    def wrapped(value: object) -> Document:
        return {"label": "…", "value": value, "type": "standard"}

    offset, limit = int(asked.query["offset"]), int(asked.query["limit"])
    some = [
        {
            "type": "Employee",
            "attributes": {
                "id": wrapped(int(number)),
                "first_name": wrapped(first),
                "last_name": wrapped(last),
                "email": wrapped(f"{first.lower()}@x.es"),
                "position": wrapped(title),
                "status": wrapped("active" if active else "inactive"),
                "hire_date": wrapped("2024-03-01T00:00:00+01:00"),
                "department": wrapped({"type": "Department", "attributes": {"id": 7, "name": "Kitchen"}}),
            },
        }
        for number, first, last, title, active in PEOPLE[offset : offset + limit]
    ]
    metadata = {"total_elements": len(PEOPLE), "current_page": offset // limit, "total_pages": 2}
    return reply({"success": True, "metadata": metadata, "offset": offset, "limit": limit, "data": some})


PERSONIO = Vendor(
    _only_for("Authorization", f"Bearer {SECRET}", _personio),
    {
        "auth": {"type": "bearer"},
        "request": {"path": "/v1/company/employees"},
        "paginator": {"type": "offset", "size": SIZE, "total": "metadata.total_elements"},
        "records": "data",
        "fields": {
            "external_id": "attributes.id.value",
            "first_name": "attributes.first_name.value",
            "last_name": "attributes.last_name.value",
            "email": "attributes.email.value",
            "job_title": "attributes.position.value",
            "department": "attributes.department.value.attributes.name",
            "status": {"path": "attributes.status.value", "values": {"active": "Active", "inactive": "Inactive"}},
            "start_date": "attributes.hire_date.value",
        },
        "date_format": "YYYY-MM-DD",
    },
)

# HiBob, POST /v1/people/search: no pages, a service user, fields by their paths.


def _hibob(asked: Asked) -> Reply:
    if asked.method != "POST" or "root.firstName" not in asked.json["fields"]:
        return reply({"error": "fields is required"}, 400)
    some = [
        {
            "/root/id": {"value": number},
            "/root/firstName": {"value": first},
            "/root/surname": {"value": last},
            "/work/title": {"value": title},
            "/internal/status": {"value": "Active" if active else "Inactive"},
            "/work/startDate": {"value": "01/03/2024"},
        }
        for number, first, last, title, active in PEOPLE
    ]
    return reply({"employees": some})


HIBOB = Vendor(
    _only_for("Authorization", "Basic c2VydmljZTp0b2tlbg==", _hibob),
    {
        "auth": {"type": "basic"},
        "request": {
            "method": "POST",
            "path": "/v1/people/search",
            "body": {"fields": ["root.id", "root.firstName", "root.surname", "work.title"], "showInactive": True},
        },
        "records": "employees",
        "fields": {
            "external_id": '"/root/id".value',
            "first_name": '"/root/firstName".value',
            "last_name": '"/root/surname".value',
            "job_title": '"/work/title".value',
            "status": '"/internal/status".value',
            "start_date": '"/work/startDate".value',
        },
    },
    "service:token",
)

# Workday, a report as a service (RaaS) with format=json: one list without pages, dates with an offset.


def _workday(asked: Asked) -> Reply:
    if asked.query != {"format": "json"}:
        return Reply(b"<wd:Report_Data/>", headers={"Content-Type": "text/xml"})
    some = [
        {
            "Employee_ID": number,
            "Legal_First_Name": first,
            "Legal_Last_Name": last,
            "Business_Title": title,
            "Active_Status": "1" if active else "0",
            "Hire_Date": "2024-03-01-08:00",
        }
        for number, first, last, title, active in PEOPLE
    ]
    return reply({"Report_Entry": some})


WORKDAY = Vendor(
    _only_for("Authorization", "Basic SVNVOnBhc3M=", _workday),
    {
        "auth": {"type": "basic"},
        "request": {"path": "/ccx/service/customreport2/acme/ISU/Staff", "query": {"format": "json"}},
        "records": "Report_Entry",
        "fields": {
            "external_id": "Employee_ID",
            "first_name": "Legal_First_Name",
            "last_name": "Legal_Last_Name",
            "job_title": "Business_Title",
            "status": {"path": "Active_Status", "values": {"1": "Active", "0": "Inactive"}},
            "start_date": "Hire_Date",
        },
        "date_format": "YYYY-MM-DD",
    },
    "ISU:pass",
)

# Okta, GET /api/v1/users: `SSWS` before the token, header Link with `self` and `next`.


def _okta(asked: Asked) -> Reply:
    after = int(asked.query.get("after", "0"))
    some = [
        {
            "id": f"00u{number}",
            "status": "ACTIVE" if active else "DEPROVISIONED",
            "profile": {"employeeNumber": number, "firstName": first, "lastName": last, "title": title, "email": None},
        }
        for number, first, last, title, active in PEOPLE[after : after + SIZE]
    ]
    host = asked.headers["Host"]
    link = f'<http://{host}/api/v1/users?limit=2>; rel="self"'
    if after + SIZE < len(PEOPLE):
        link += f', <http://{host}/api/v1/users?after={after + SIZE}&limit=2>; rel="next"'
    return reply(some, Link=link)


OKTA = Vendor(
    _only_for("Authorization", f"SSWS {SECRET}", _okta),
    {
        "auth": {"type": "bearer", "scheme": "SSWS"},
        "request": {"path": "/api/v1/users", "query": {"limit": 2}},
        "paginator": {"type": "link-header"},
        "fields": {
            "external_id": "profile.employeeNumber",
            "first_name": "profile.firstName",
            "last_name": "profile.lastName",
            "email": "profile.email",
            "job_title": "profile.title",
            "status": {"path": "status", "values": {"ACTIVE": "Active", "DEPROVISIONED": "Inactive"}},
        },
    },
)

# Microsoft Graph, GET /v1.0/users: the address of the next page in the body, $filter, a header.


def _graph(asked: Asked) -> Reply:
    if asked.headers.get("ConsistencyLevel") != "eventual" or asked.query["$filter"] != "employeeId ne null":
        return reply({"error": {"code": "Request_UnsupportedQuery", "message": "…"}}, 400)
    skip = int(asked.query.get("$skiptoken", "0"))
    some = [
        {
            "employeeId": number,
            "givenName": first,
            "surname": last,
            "jobTitle": title,
            "mail": f"{first}@x.es",
            "accountEnabled": active,
            "employeeHireDate": "2024-03-01T00:00:00Z",
        }
        for number, first, last, title, active in PEOPLE[skip : skip + SIZE]
    ]
    document: Document = {"@odata.context": "…", "@odata.count": len(PEOPLE), "value": some}
    if skip + SIZE < len(PEOPLE):
        host, asked_for = asked.headers["Host"], "$filter=employeeId%20ne%20null&$count=true&$top=2"
        document["@odata.nextLink"] = f"http://{host}/v1.0/users?{asked_for}&$skiptoken={skip + SIZE}"
    return reply(document)


GRAPH = Vendor(
    _only_for("Authorization", f"Bearer {SECRET}", _graph),
    {
        "auth": {"type": "bearer"},
        "request": {
            "path": "/v1.0/users",
            "query": {"$filter": "employeeId ne null", "$count": True, "$top": 2},
            "headers": {"ConsistencyLevel": "eventual"},
        },
        "paginator": {"type": "cursor", "next": '"@odata.nextLink"'},
        "records": "value",
        "fields": {
            "external_id": "employeeId",
            "first_name": "givenName",
            "last_name": "surname",
            "email": "mail",
            "job_title": "jobTitle",
            "status": {"path": "accountEnabled", "values": {"true": "Active", "false": "Inactive"}},
            "start_date": "employeeHireDate",
        },
        "date_format": "YYYY-MM-DD",
    },
)

# Odoo, POST /jsonrpc: the password and the paging inside of a list in the body, one name, false for what is not there.


def _odoo(asked: Asked) -> Reply:
    _database, _user, password, model, method, _domain, options = asked.json["params"]["args"]
    if password != SECRET:
        return reply({"jsonrpc": "2.0", "id": None, "error": {"code": 200, "message": "Odoo Server Error"}})
    assert (model, method) == ("hr.employee", "search_read")
    some = [
        {
            "id": int(number),
            "name": f"{first} {last}",
            "work_email": False,
            "job_id": [7, title],
            "active": active,
        }
        for number, first, last, title, active in PEOPLE[options["offset"] : options["offset"] + options["limit"]]
    ]
    return reply({"jsonrpc": "2.0", "id": None, "result": some})


ODOO = Vendor(
    _odoo,
    {
        "auth": {"type": "api_key", "body": "params.args.2"},
        "request": {
            "method": "POST",
            "path": "/jsonrpc",
            "body": {
                "jsonrpc": "2.0",
                "method": "call",
                "params": {
                    "service": "object",
                    "method": "execute_kw",
                    "args": [
                        *("acme", 2, "", "hr.employee", "search_read"),
                        [[["active", "in", [True, False]]]],
                        {"fields": ["name", "work_email", "job_id", "active"], "order": "id"},
                    ],
                },
            },
        },
        "paginator": {
            "type": "offset",
            "param": "params.args.6.offset",
            "size_param": "params.args.6.limit",
            "size": SIZE,
        },
        "records": "result",
        "fields": {
            "external_id": "id",
            "first_name": {"path": "name", "split": {"part": "first"}},
            "last_name": {"path": "name", "split": {"part": "rest"}},
            "email": "work_email || ''",
            "job_title": "job_id[1]",
            "status": {"path": "active", "values": {"true": "Active", "false": "Inactive"}},
        },
    },
)

# Google, GET /admin/directory/v1/users: pageToken and nextPageToken, no `users` at all on an empty page.


def _google(asked: Asked) -> Reply:
    if asked.query["customer"] != "my_customer":
        return reply({"error": {"code": 400}}, 400)
    at = int(asked.query.get("pageToken", "0"))
    some = [
        {
            "id": number,
            "name": {"givenName": first, "familyName": last},
            "primaryEmail": f"{first}@x.es",
            "organizations": [{"title": "Old", "primary": False}, {"title": title, "primary": True}],
            "suspended": not active,
        }
        for number, first, last, title, active in PEOPLE[at : at + SIZE]
    ]
    document: Document = {"kind": "admin#directory#users", "users": some}
    return reply(document | ({"nextPageToken": str(at + SIZE)} if at + SIZE < len(PEOPLE) else {}))


GOOGLE = Vendor(
    _only_for("Authorization", f"Bearer {SECRET}", _google),
    {
        "auth": {"type": "bearer"},
        "request": {"path": "/admin/directory/v1/users", "query": {"customer": "my_customer", "maxResults": 2}},
        "paginator": {"type": "cursor", "next": "nextPageToken", "param": "pageToken"},
        "records": "users",
        "fields": {
            "external_id": "id",
            "first_name": "name.givenName",
            "last_name": "name.familyName",
            "email": "primaryEmail",
            "job_title": "organizations[?primary].title | [0]",
            "status": {"path": "suspended", "values": {"false": "Active", "true": "Inactive"}},
        },
    },
)

# Zoho People, GET …/getRecords: counted from 1, a map in a list, months by name, an error behind the end.


def _zoho(asked: Asked) -> Reply:
    at = int(asked.query["sIndex"]) - 1
    some = [
        {
            f"56719800000{number}": [
                {
                    "EmployeeID": number,
                    "FirstName": first,
                    "LastName": last,
                    "Designation": title,
                    "Employeestatus": "Active" if active else "Resigned",
                    "Dateofjoining": "01-Mar-2024",
                }
            ]
        }
        for number, first, last, title, active in PEOPLE[at : at + int(asked.query["limit"])]
    ]
    if not some:
        errors = {"code": 7024, "message": "No records found"}
        return reply({"response": {"message": "Error occurred", "errors": errors, "status": 1}})
    return reply({"response": {"result": some, "message": "Data fetched successfully", "status": 0}})


ZOHO = Vendor(
    _only_for("Authorization", f"Zoho-oauthtoken {SECRET}", _zoho),
    {
        "auth": {"type": "bearer", "scheme": "Zoho-oauthtoken"},
        "request": {"path": "/people/api/forms/employee/getRecords"},
        "paginator": {"type": "start-index", "param": "sIndex", "size_param": "limit", "size": SIZE, "total": None},
        "records": "response.result[].values(@)[][]",
        "error": "response.errors",
        "empty": "response.errors.code == `7024`",
        "fields": {
            "external_id": "EmployeeID",
            "first_name": "FirstName",
            "last_name": "LastName",
            "job_title": "Designation",
            "status": {"path": "Employeestatus", "values": {"Resigned": "Inactive"}},
            "start_date": "Dateofjoining",
        },
        "date_format": "DD-MMM-YYYY",
    },
)

# SAP SuccessFactors, GET /odata/v2/User: `d.results` and `d.__next`, dates as numbers in a text.


def _successfactors(asked: Asked) -> Reply:
    skip = int(asked.query.get("$skiptoken", "0"))
    some = [
        {
            "userId": number,
            "firstName": first,
            "lastName": last,
            "title": title,
            "status": "active" if active else "inactive",
            "hireDate": "/Date(1709251200000)/",
        }
        for number, first, last, title, active in PEOPLE[skip : skip + SIZE]
    ]
    more = {"__next": f"/odata/v2/User?$format=json&$skiptoken={skip + SIZE}"} if skip + SIZE < len(PEOPLE) else {}
    return reply({"d": {"results": some} | more})


SUCCESSFACTORS = Vendor(
    _only_for("Authorization", "Basic QVBJQGFjbWU6cGFzcw==", _successfactors),
    {
        "auth": {"type": "basic"},
        "request": {"path": "/odata/v2/User", "query": {"$format": "json"}},
        "paginator": {"type": "cursor", "next": "d.__next"},
        "records": "d.results",
        "fields": {
            "external_id": "userId",
            "first_name": "firstName",
            "last_name": "lastName",
            "job_title": "title",
            "status": {"path": "status", "values": {"active": "Active", "inactive": "Inactive"}},
            "start_date": "hireDate",
        },
        "date_format": "epoch-ms",
    },
    "API@acme:pass",
)

# ADP, GET /hr/v2/workers: $skip and $top, 204 without a body behind the last page.


def _adp(asked: Asked) -> Reply:
    skip = int(asked.query["$skip"])
    some = [
        {
            "workerID": {"idValue": number},
            "person": {"legalName": {"givenName": first, "familyName1": last}},
            "workAssignments": [{"primaryIndicator": True, "jobTitle": title, "hireDate": "2024-03-01"}],
            "workerStatus": {"statusCode": {"codeValue": "Active" if active else "Terminated"}},
        }
        for number, first, last, title, active in PEOPLE[skip : skip + int(asked.query["$top"])]
    ]
    return reply({"workers": some}) if some else Reply(b"", 204)


ADP = Vendor(
    _only_for("Authorization", f"Bearer {SECRET}", _adp),
    {
        "auth": {"type": "bearer"},
        "request": {"path": "/hr/v2/workers"},
        "paginator": {"type": "offset", "param": "$skip", "size_param": "$top", "size": SIZE},
        "records": "workers",
        "fields": {
            "external_id": "workerID.idValue",
            "first_name": "person.legalName.givenName",
            "last_name": "person.legalName.familyName1",
            "job_title": "workAssignments[?primaryIndicator].jobTitle | [0]",
            "status": {"path": "workerStatus.statusCode.codeValue", "values": {"Terminated": "Inactive"}},
            "start_date": "workAssignments[0].hireDate",
        },
        "date_format": "YYYY-MM-DD",
    },
)

# Any GraphQL API: a cursor among the variables, and one on the last page, too.


def _graphql(asked: Asked) -> Reply:
    document: Document = asked.json
    if "employees" not in document["query"]:
        return reply({"errors": [{"message": "what?"}]})
    at = int(document["variables"].get("after") or 0)
    some = [
        {"id": number, "firstName": first, "lastName": last, "job": {"title": title}, "active": active}
        for number, first, last, title, active in PEOPLE[at : at + document["variables"]["first"]]
    ]
    info = {"endCursor": str(at + SIZE), "hasNextPage": at + SIZE < len(PEOPLE)}
    return reply({"data": {"employees": {"nodes": some, "pageInfo": info}}})


GRAPHQL = Vendor(
    _only_for("X-Api-Key", SECRET, _graphql),
    {
        "auth": {"type": "api_key", "header": "X-Api-Key"},
        "request": {
            "method": "POST",
            "path": "/graphql",
            "body": {
                "query": "query($after: String) { employees(first: 2, after: $after) { nodes { id } } }",
                "variables": {"first": SIZE},
            },
        },
        "paginator": {
            "type": "cursor",
            "next": "data.employees.pageInfo.hasNextPage && data.employees.pageInfo.endCursor",
            "param": "variables.after",
        },
        "records": "data.employees.nodes",
        "fields": {
            "external_id": "id",
            "first_name": "firstName",
            "last_name": "lastName",
            "job_title": "job.title",
            "status": {"path": "active", "values": {"true": "Active", "false": "Inactive"}},
        },
    },
)

# Salesforce, GET /services/data/v60.0/query: SOQL in the query, a relative address of the next page, `done`.


def _salesforce(asked: Asked) -> Reply:
    at = int(unquote(asked.path).rpartition("-")[2]) if "-" in asked.path else 0
    some = [
        {"Id": number, "FirstName": first, "LastName": last, "Title": title, "IsActive": active}
        for number, first, last, title, active in PEOPLE[at : at + SIZE]
    ]
    document: Document = {"totalSize": len(PEOPLE), "done": at + SIZE >= len(PEOPLE), "records": some}
    if not document["done"]:
        document["nextRecordsUrl"] = f"/services/data/v60.0/query/01g-{at + SIZE}"
    return reply(document)


SALESFORCE = Vendor(
    _only_for("Authorization", f"Bearer {SECRET}", _salesforce),
    {
        "auth": {"type": "bearer"},
        "request": {"path": "/services/data/v60.0/query", "query": {"q": "SELECT Id FROM User ORDER BY Id"}},
        "paginator": {"type": "cursor", "next": "nextRecordsUrl", "total": "totalSize"},
        "records": "records",
        "fields": {
            "external_id": "Id",
            "first_name": "FirstName",
            "last_name": "LastName",
            "job_title": "Title",
            "status": {"path": "IsActive", "values": {"true": "Active", "false": "Inactive"}},
        },
    },
)

VENDORS = {
    "personio": PERSONIO,
    "hibob": HIBOB,
    "workday": WORKDAY,
    "okta": OKTA,
    "graph": GRAPH,
    "odoo": ODOO,
    "google": GOOGLE,
    "zoho": ZOHO,
    "successfactors": SUCCESSFACTORS,
    "adp": ADP,
    "graphql": GRAPHQL,
    "salesforce": SALESFORCE,
}


def manifest_of(vendor: Vendor, url: str, secret: str | None = None) -> str:
    """The manifest of a vendor's system at an address."""
    auth = vendor.manifest["auth"] | {"secret": secret or "peoplefeed/sources/acme/hr"}
    return json.dumps(vendor.manifest | {"name": "hr", "base_url": url, "auth": auth})
