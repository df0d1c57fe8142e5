"""Which column of a file means what: guessed from its header, in English or Chinese, or told by a mapping."""

import re
from collections.abc import Iterable, Mapping, Sequence

PERSON_ROLES = {
    "id": "id rec_id record_id unique_id uid person_id customer_id contact_id code key no number 编号 序号 主键 客户编号 联系人编号 标识",
    "given_name": "given_name givenname first_name firstname forename fname given 名 名字",
    "surname": "surname last_name lastname family_name familyname lname family 姓 姓氏",
    "full_name": "name full_name fullname person contact_name contact person_name 姓名 联系人 联系人姓名",
    "birth_date": "date_of_birth dob birth_date birthdate birthday birth_day born 出生日期 生日 出生年月日",
    "national_id": "soc_sec_id ssn social_security_number soc_sec nin national_id id_card id_number passport 身份证 身份证号 身份证号码 证件号 证件号码",
    "street_number": "street_number house_number streetnumber number_of_house street_no 门牌号 门牌",
    "street": "address_1 address1 street address addr addr1 address_line_1 street_name 地址 街道 住址",
    "street_2": "address_2 address2 addr2 address_line_2 building 小区",
    "suburb": "suburb city town locality place birth_place district 城市 市 区",
    "postcode": "postcode zip zip_code zipcode postal_code post_code postcode_fake 邮编 邮政编码",
    "state": "state province region county 省 省份 州",
    "phone": "phone phone_number telephone tel mobile cell phone_1 手机 手机号 电话 联系电话",
    "email": "email e_mail mail email_address 邮箱 电子邮箱 邮件",
}
COMPANY_ROLES = {
    "id": "id rec_id record_id unique_id uid company_id customer_id customer_code external_id code key no number 编号 序号 主键 客户编号 客户编码 客户代码 公司编号 标识",
    "name": "name company company_name companyname customer customer_name firm organisation organization org_name account account_name full_name legal_name "
    "名称 公司 公司名称 企业名称 客户名称 单位名称 客户 单位 企业 名字 客户全称 全称 公司全称",
    "other_name": "short_name alias former_name name_en english_name other_name 简称 曾用名 别名 英文名 英文名称",
    "credit_code": "credit_code creditcode uscc usci unified_social_credit_code social_credit_code tax_id tax_no tax_number vat vat_number "
    "统一社会信用代码 信用代码 社会信用代码 税号 纳税人识别号",
    "phone": "phone phone_number telephone tel mobile contact_phone phone_1 电话 联系电话 手机 手机号 电话号码 联系方式 固定电话",
    "address": "address addr street address_1 registered_address office_address 地址 注册地址 联系地址 通讯地址 详细地址 办公地址 住所",
    "region": "region province city state area location district 地区 省份 省 城市 区域 所在地 省市 所在地区",
    "contact": "contact contact_name contact_person person legal_person representative 联系人 法人 法定代表人 负责人 联系人姓名",
    "email": "email e_mail mail email_address 邮箱 电子邮箱 邮件",
}
# Where no header is one of the words above: what a header holds, asked in this order. English words stand whole.
_HOLDS = {
    "person": (
        ("email", r"_e_?mail_|邮箱|邮件"),
        ("phone", r"_(phone|telephone|tel|mobile|cell)_|电话|手机"),
        ("birth_date", r"_(birth|born|dob|birthday|birthdate)_|出生|生日"),
        ("national_id", r"_(ssn|passport|insurance|soc_sec|national_(id|no|number))_|身份证|证件"),
        ("given_name", r"_(given|first|fore|forename|christian)_"),
        ("surname", r"_(surname|last|family)_|姓氏"),
        ("full_name", r"_name_|姓名"),
        ("street_number", r"_(house|street|building)_(no|nr|num|number)_|门牌"),
        ("street_2", r"_(address|addr|line|street)_?2_"),
        ("street", r"_(address|addr|street)_?1?_|地址|街道|住址"),
        ("postcode", r"_(postcode|post_code|zip|postal)_|邮编|邮政"),
        ("state", r"_(state|province|county)_|省"),
        ("suburb", r"_(suburb|city|town|locality|district)_|城市"),
    ),
    "company": (
        ("credit_code", r"_(uscc|usci|vat|tax)_|_credit_code_|信用代码|信用编码|税号|纳税人"),
        ("email", r"_e_?mail_|邮箱|邮件"),
        ("phone", r"_(phone|telephone|tel|mobile|cell)_|电话|手机|联系方式"),
        ("address", r"_(address|addr)_|地址|住所"),
        ("region", r"_(region|province|city)_|省|城市|地区|区域"),
        ("contact", r"_(contact|person|representative)_|联系人|法人|法定代表|负责人"),
        ("other_name", r"_(short|former|alias|english|old)_|简称|曾用|别名|英文|旧名"),
        ("name", r"_name_|名称|全称|(公司|企业|单位|客户|厂商|供应商)名|抬头"),
    ),
}  # fmt: skip
_IDENTITY = re.compile(
    r"_(id|no|nr|num|number|code|key|ref|reference|sn|uid|uuid)_|编号|编码|代码|序号|号$|标识|主键"
)
ROLES: dict[str, dict[str, str]] = {"person": PERSON_ROLES, "company": COMPANY_ROLES}


class UnknownColumn(ValueError):
    """A mapping names a column that the file lacks, a role that the profile lacks, or nothing to compare is found."""


def _plain(header: str) -> str:
    return re.sub(r"[\s\-./()（）]+", "_", header.strip().lstrip("\ufeff").lower()).strip("_")


def guess_columns(
    headers: Iterable[str], profile: str, mapping: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Role to header. `mapping` (role to header) goes before the guess.

    Raises UnknownColumn where the mapping does not fit or neither names nor numbers are found.
    """
    roles = ROLES[profile]
    by_plain: dict[str, str] = {}
    listed = list(headers)
    for header in listed:
        by_plain.setdefault(_plain(header), header)
    found: dict[str, str] = {}
    for role, header in (mapping or {}).items():
        if role not in roles:
            raise UnknownColumn(f"{role}: the profile {profile} knows {', '.join(roles)}")
        exact = header if header in listed else by_plain.get(_plain(header))
        if exact is None:
            raise UnknownColumn(f"{header}: no such column")
        found[role] = exact
    taken = set(found.values())
    for role, names in roles.items():
        if role in found:
            continue
        for name in names.split():
            header_found = by_plain.get(name)
            if header_found is not None and header_found not in taken:
                found[role] = header_found
                taken.add(header_found)
                break
    for role, pattern in _HOLDS[profile]:
        if role in found:
            continue
        holding = (one for one in listed if one not in taken and re.search(pattern, f"_{_plain(one)}_"))
        header_held = next(holding, None)
        # A whole name beside given name and surname says nothing new.
        if header_held is not None and not (role == "full_name" and "surname" in found):
            found[role] = header_held
            taken.add(header_held)
    needed = {"given_name", "surname", "full_name"} if profile == "person" else {"name", "credit_code"}
    if not needed & set(found):
        shown = ", ".join(header[:40] for header in listed[:20]) + (" …" if len(listed) > 20 else "")
        raise UnknownColumn(f"no column of {', '.join(sorted(needed))} among {shown} · 找不到名称列")
    return found


def guess_identity(table: Mapping[str, Sequence[str | None]], taken: Iterable[str]) -> str | None:
    """The column that numbers the records where no header says so: filled and different in every row. A header that
    sounds like a number goes first, else only the file's first column counts."""
    used = set(taken)

    def numbers(header: str) -> bool:
        values = table[header]
        distinct = {value for value in values if value and len(value) <= 80}
        return header not in used and bool(values) and len(distinct) == len(values)

    listed = list(table)
    sounding = [one for one in listed if _IDENTITY.search(f"_{_plain(one)}_")]
    return next((one for one in [*sounding, *listed[:1]] if numbers(one)), None)
