"""A first mapping from the headers of the files, for a person to correct. Pure."""

import re
from collections.abc import Mapping, Sequence

from apps.integrations.imports.mapping import FIELDS, code_of

# Words that headers use for a field, most telling first. Compared without case, spaces and signs.
WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "opportunities": {
        "external_id": ("opportunityid", "dealid", "opportunitynumber", "商机编号", "商机id", "id"),
        "name": ("opportunityname", "dealname", "商机名称", "name"),
        "owner": ("salesagent", "salesrep", "owner", "rep", "负责人", "销售人员", "销售"),
        "product": ("product", "产品"),
        "account": ("account", "customer", "company", "客户名称", "客户"),
        "stage": ("dealstage", "salesstage", "stage", "status", "销售阶段", "阶段"),
        "created_on": ("engagedate", "createdon", "createddate", "created", "创建日期"),
        "closed_on": ("closedate", "closedon", "closeddate", "成交日期", "结束日期"),
        "expected_close_on": ("expectedclosedate", "expectedclose", "预计成交日期"),
        "amount": ("closevalue", "dealvalue", "amount", "value", "金额"),
    },
    "accounts": {
        "external_id": ("accountid", "customerid", "客户编号"),
        "name": ("account", "accountname", "customer", "company", "name", "客户名称", "客户"),
        "sector": ("sector", "industry", "行业"),
        "country": ("officelocation", "country", "location", "国家"),
        "city": ("city", "城市"),
        "founded": ("yearestablished", "founded", "成立年份"),
        "annual_revenue": ("revenue", "annualrevenue", "年收入", "年营收"),
        "employees": ("employees", "headcount", "员工人数"),
        "registration_code": ("统一社会信用代码", "registrationcode", "taxid"),
        "parent": ("subsidiaryof", "parent", "parentaccount", "母公司"),
        "owner": ("owner", "accountowner", "负责人"),
    },
    "products": {
        "code": ("productcode", "sku", "产品编码"),
        "name": ("product", "productname", "name", "产品名称", "产品"),
        "series": ("series", "family", "系列"),
        "price": ("salesprice", "listprice", "price", "单价", "价格"),
    },
    "absences": {
        "person": ("personnelnumber", "employeeid", "工号", "employee", "person", "name", "员工", "姓名"),
        "kind": ("kind", "kindofabsence", "leavetype", "absencetype", "type", "假别", "休假类型", "请假类型"),
        "starts_on": ("firstday", "startson", "startdate", "from", "开始日期", "首日"),
        "last_day": ("lastday", "endson", "enddate", "to", "until", "结束日期", "末日"),
        "is_paid": ("withpay", "paid", "ispaid", "是否带薪", "带薪"),
        "time_percent": ("shareoftheworkingtime", "share", "timepercent", "工时占比"),
        "relieves_quota": ("lowersthequota", "relievesquota", "quotarelief", "减免指标", "减少指标"),
        "note": ("note", "remark", "reason", "备注"),
    },
}
_PERSON = ("salesagent", "salesrep", "employee", "name", "姓名", "销售人员")
_MANAGER = ("manager", "supervisor", "主管", "经理")
_REGION = ("regionaloffice", "region", "area", "大区", "区域")
_WON = ("won", "closedwon", "赢单", "成交")
_LOST = ("lost", "closedlost", "输单", "丢单")


def folded(text: str) -> str:
    """Return a header without case, spaces and signs."""
    return re.sub(r"[\W_]+", "", text.lower())


def guess_entity(columns: Sequence[str]) -> str:
    """Return what a file most likely holds, or an empty string.

    Deals have a stage; absences a kind and a first day; people a manager or
    region; the rest is told by how many columns are recognised.
    """
    names = {folded(column) for column in columns}
    if names & set(WORDS["opportunities"]["stage"]) and names & set(WORDS["opportunities"]["owner"]):
        return "opportunities"
    leave = WORDS["absences"]
    if names & set(leave["kind"]) and names & set(leave["starts_on"]) and names & set(leave["person"]):
        return "absences"
    if names & set(_PERSON) and names & {*_MANAGER, *_REGION}:
        return "organisation"
    scores = {entity: len(guess_columns(entity, columns)) for entity in ("accounts", "products")}
    if names & set(WORDS["products"]["price"]) and scores["products"] >= 2:
        return "products"
    return "accounts" if scores["accounts"] >= 2 else ""


def guess_columns(entity: str, columns: Sequence[str]) -> dict[str, str]:
    """Return field → column for the headers that are recognised; each column serves one field."""
    free = {folded(column): column for column in columns}
    found: dict[str, str] = {}
    for field in FIELDS[entity]:
        for word in WORDS[entity].get(field, ()):
            if word in free:
                found[field] = free.pop(word)
                break
    return found


def guess_organisation(columns: Sequence[str]) -> dict[str, str]:
    """Return the columns of the person, their manager and their region."""
    free = {folded(column): column for column in columns}
    found: dict[str, str] = {}
    for part, words in (("region", _REGION), ("team", _MANAGER), ("person", _PERSON)):
        column = next((free[word] for word in words if word in free), None)
        if column is not None:
            found[part] = column
    return found


def guess_stages(values: Sequence[str]) -> dict[str, dict[str, object]]:
    """Return stage → name, kind and probability for the values seen, in the order given."""
    open_values = [value for value in values if folded(value) not in {*_WON, *_LOST}]
    stages: dict[str, dict[str, object]] = {}
    for value in values:
        if folded(value) in _WON:
            stages[value] = {"name": value, "kind": "won", "probability": 100}
        elif folded(value) in _LOST:
            stages[value] = {"name": value, "kind": "lost", "probability": 0}
        else:
            step = open_values.index(value) + 1
            stages[value] = {
                "name": value,
                "kind": "open",
                "probability": round(step * 90 / (len(open_values) + 1)),
            }
    return stages


def guess_dates(samples: Sequence[str]) -> str:
    """Return the order of day, month and year that all samples fit: iso, mdy or dmy."""
    slashed = [match for text in samples if (match := re.match(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}", text))]
    if not slashed:
        return "iso"
    return "dmy" if any(int(match[1]) > 12 for match in slashed) else "mdy"


def mapping_of(
    name: str,
    files: Mapping[str, Sequence[str]],
    *,
    stages: Sequence[str] = (),
    dates: str = "iso",
    currency: str = "USD",
    since: str = "2016-01-01",
    company_code: str = "",
) -> dict[str, object]:
    """Return a mapping, as data, for files given by name with their headers.

    ``company_code`` is that of the top unit to hang everything below, if it is there already.
    """
    mapping: dict[str, object] = {
        "version": 1, "name": name, "currency": currency, "since": since, "dates": dates, "values": {},
    }  # fmt: skip
    for file, columns in files.items():
        entity = guess_entity(columns)
        if entity == "organisation" and "organisation" not in mapping:
            mapping[entity] = _organisation(name, company_code, file, guess_organisation(columns))
        elif entity and entity not in mapping:
            mapping[entity] = {"file": file, "columns": guess_columns(entity, columns)}
    deals = mapping.get("opportunities")
    if isinstance(deals, dict):
        deals["stages"] = guess_stages(stages)
        deals["open_amount"] = "list_price"
    return mapping


def _organisation(name: str, code: str, file: str, found: Mapping[str, str]) -> dict[str, object]:
    units: list[dict[str, str]] = []
    if "region" in found:
        units.append({"kind": "region", "column": found["region"]})
    if "team" in found:
        units.append(
            {"kind": "team", "column": found["team"], "name": "Team {value}", "lead_title": "Sales manager"}
        )
    return {
        "file": file,
        "company": {"code": code or code_of(name) or "company", "name": name},
        "units": units,
        "person": {"column": found.get("person", ""), "title": "Sales representative"},
    }
