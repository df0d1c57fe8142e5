"""A company's name taken apart: place, trade name, line of business, legal form, branch.

江苏三木化工股份有限公司苏州分公司 is place 32, core 三木化工 (stem 三木, business 化工), form "company",
branch 苏州. What two names share is judged part by part: the form may be left out, the place may be left out but
not contradict, the line of business may not differ, a branch is not its head office.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from .characters import fold, syllable_codes
from .regions import place_names, place_pinyin, strip_places

_COMPANY, _WORKS, _SHOP = "company", "works", "shop"
_LONG_FORMS = ("股份有限责任公司", "有限责任公司", "股份有限公司", "有限公司")
_FORMS = {
    **dict.fromkeys((*_LONG_FORMS, "股份公司", "总公司", "公司", "株式会社", "股份", "有限", "责任公司"), _COMPANY),
    **dict.fromkeys(("总厂", "分厂", "厂"), _WORKS),
    **dict.fromkeys("经营部 门市部 经销部 销售部 服务部 营业部 商行 商店 商社 贸易行 经销处 批发部 个体工商户 合作社 农民专业合作社 "
                    "专业合作社 合伙企业 事务所 工作室".split(), _SHOP),
}  # fmt: skip
_FORMS_BY_LENGTH = sorted(_FORMS, key=len, reverse=True)
_GROUP = "集团"
_BRANCH = re.compile(
    r"(?P<head>.{2,}?(?:公司|集团|厂|))(?P<where>[^司厂]{0,9}?)(?P<kind>分公司|分厂|分店|分行|支行|办事处|分部|分院|分支机构|分社)$"
)
_BRANCH_OF_COMPANY = re.compile(r"(?P<head>.{4,}公司)(?P<where>[^公司]{2,10})(?P<kind>)$")
_BRACKETS = re.compile(r"[(\[{<〔【《「〈]([^)\]}>〕】》」〉]*)[)\]}>〕】》」〉]?")
_NOT_NAME = re.compile(r"[^0-9a-z\u3400-\u9fff]+")
_ASIDE = re.compile(r"原|曾用|前身|注销|吊销|停用|作废|重复|普通合伙|有限合伙|个体|测试|演示")

# Lines of business, for telling 三木化工 from 三木贸易. Facts of the language, not of any file.
BUSINESS = tuple(sorted(set(
    "化工 化学 精细化工 石化 石油化工 石油 燃气 能源 新能源 电力 电气 电子 电器 电机 光电 半导体 科技 技术 信息 信息技术 网络 软件 通信 通讯 数码 "
    "贸易 商贸 工贸 科贸 经贸 外贸 进出口 国际贸易 国际 实业 工业 产业 企业 发展 开发 投资 控股 资产 管理 咨询 服务 供应链 物流 运输 货运 仓储 "
    "材料 新材料 建材 建筑材料 建筑 建设 工程 装饰 装饰材料 装潢 市政 路桥 园林 环保 环境 水务 水泥 混凝土 玻璃 陶瓷 石材 木业 家具 家居 门窗 "
    "钢铁 钢材 特钢 不锈钢 金属 金属制品 金属材料 有色金属 铝业 铜业 锌业 钛业 冶金 冶炼 矿业 煤业 煤炭 焦化 炉料 铸造 锻造 模具 五金 五金制品 五金机电 机电 机械 "
    "机械设备 机械制造 设备 设备制造 装备 重工 制造 制品 阀门 泵业 轴承 紧固件 电缆 线缆 仪器 仪表 仪器仪表 汽车 汽车零部件 汽配 零部件 配件 船舶 航空 "
    "塑料 塑料制品 塑胶 橡胶 橡塑 包装 包装材料 印刷 纸业 造纸 纸制品 涂料 颜料 染料 油墨 树脂 胶粘剂 助剂 溶剂 试剂 香料 香精 松香 林化 林产 林业 日化 日用品 日用化学 "
    "日用化工 化妆品 洗涤 洗涤用品 清洁 肥业 化肥 肥料 磷肥 农药 农业 农资 农产品 种业 饲料 畜牧 养殖 水产 食品 食品添加剂 粮油 油脂 酒业 饮料 饮品 餐饮 茶业 "
    "医药 制药 药业 医疗 医疗器械 生物 生物科技 生物技术 生物工程 健康 保健品 纺织 服装 服饰 针织 印染 丝绸 家纺 皮革 鞋业 化纤 纤维 "
    "文化 传媒 广告 教育 旅游 酒店 置业 地产 房地产 物业 百货 超市 连锁 电子商务 商务 金融 保险 租赁 硫酸 酸业 钛白 矿产品 矿山 检测 安装 维修 "
    "高新 高分子 复合材料 光伏 锂电 电池 电源 照明 自动化 智能 智能科技 系统 集成 设计 文具 办公用品 体育 玩具 工艺品 珠宝 钟表 消防 安防 劳保 新型建材 防水 保温 涂装 表面 热处理 焊接 工具 量具 刀具 磨料 耐火材料".split()
), key=len, reverse=True))  # fmt: skip
_BUSINESS_WORDS = frozenset(BUSINESS)
_ALL_BUSINESS = re.compile(f"(?:{'|'.join(BUSINESS)})+$")
_LATIN_FORMS = frozenset(
    "co company ltd limited inc incorporated corp corporation llc llp lp plc gmbh mbh ag kg kgaa ohg se sa sas sarl srl spa "
    "bv nv oy oyj ab asa as aps pty pte sdn bhd kk kft zrt sro doo ltda cv de the holding holdings group".split()
)
_LATIN_GROUP = frozenset(("group", "holding", "holdings"))


class CompanyName(NamedTuple):
    """The parts of a company's name; every part may be empty.

    full   what is left without the legal form: place and core as written
    core   stem and line of business, without the place
    stem   the trade name; business the line of business after it
    place  division code of the place in the name ("32" Jiangsu, "3205" Suzhou)
    form   company, works or shop: the kind of legal form
    group  whether it calls itself a group
    branch what makes it a branch: its place and number as written, or "-" when it only says that it is one
    """

    full: str
    core: str
    stem: str
    business: str
    place: str
    form: str
    group: bool
    branch: str


_EMPTY = CompanyName("", "", "", "", "", "", False, "")


@cache
def _ends() -> dict[str, tuple[tuple[str, str], ...]]:
    """Legal forms by their last character, longest first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for form in _FORMS_BY_LENGTH:
        found.setdefault(form[-1], []).append((form, _FORMS[form]))
    return {last: tuple(forms) for last, forms in found.items()}


# Legal forms long enough to be known with a slip in them, longest first, and what they are without one.
_NEAR_FORMS = (
    "集团股份有限公司", "集团有限责任公司", "股份有限责任公司", "集团有限公司", "股份有限公司", "有限责任公司", "有限公司",
)  # fmt: skip
# Looks like 集团 or 股份 with a slip, and is none.
_NO_FORM = frozenset("集成 集装 集运 股权 股东 采集 收集 财团 社团 乐团 旅团 集合 募集".split())


@cache
def _near_sounds() -> tuple[tuple[str, str], ...]:
    codes = syllable_codes()
    return tuple((form, form.translate(codes)) for form in _NEAR_FORMS)


def _near_form(text: str) -> str:
    """The legal form with one slip at the end of the text, as written there (有很公司, 有公司, 有线公私), or ""."""
    from rapidfuzz.distance import OSA

    sound = text.translate(syllable_codes())
    for form, form_sound in _near_sounds():
        for length in (len(form), len(form) - 1, len(form) + 1):
            if len(text) < length + 2 or OSA.distance(sound[-length:], form_sound, score_cutoff=1) > 1:
                continue
            written = text[-length:]
            if len(form) > 4 and (written[:2] in _NO_FORM or written[:2] in _BUSINESS_WORDS):
                continue
            if (
                len(form) > 4
                and length != len(form)
                and not written.startswith(("集", "股", "有", "团", "份", "限"))
            ):
                continue
            if length > len(form) and sound[-length] != form_sound[0]:
                continue  # the letter too many lies before the form: it belongs to the name
            return written
    return ""


def _strip_form(text: str) -> tuple[str, str, bool]:
    for form in _NEAR_FORMS:  # written rightly: the common case
        if text.endswith(form):
            break
    else:
        if len(text) >= 5 and text[-1] not in "厂部行社处户室店" and (near := _near_form(text)):
            return text[: -len(near)], _COMPANY, len(near) > 4 and bool({"集", "团"} & set(near[:2]))
    form, group = "", False
    for _ in range(4):
        for ending, kind in _ends().get(text[-1:], ()):
            if text.endswith(ending) and len(text) >= len(ending) + 2:
                text, form = text[: -len(ending)], form or kind
                if ending in _LONG_FORMS and len(text) >= 4:
                    text, group = _strip_near_prefix(text, group)
                break
        else:
            if text.endswith(_GROUP) and len(text) >= 4:
                text, group = text[:-2], True
            else:
                break
    return text, form, group


def _strip_near_prefix(text: str, group: bool) -> tuple[str, bool]:
    """集团 and 股份 before a rightly written form, with one slip in them: 三木化工集二|有限公司."""
    last = text[-2:]
    if last in (_GROUP, "股份") or last in _NO_FORM or last in _BUSINESS_WORDS or len(text) < 5:
        return text, group
    codes = syllable_codes()
    sound = last.translate(codes)
    for word in (_GROUP, "股份"):
        target = word.translate(codes)
        # One of the two characters, or the sound of both, is as it should be.
        if sound == target or (last[0] == word[0] or last[1] == word[1]):
            return text[:-2], group or word == _GROUP
    return text, group


def _split_business(core: str) -> tuple[str, str]:
    """三木精细化工 is (三木, 精细化工): the trade name keeps at least two characters."""
    for at in range(2, len(core)):
        if _ALL_BUSINESS.match(core, at):
            return core[:at], core[at:]
    return core, ""


def _parse_han(text: str) -> CompanyName:
    place = branch = ""
    inside: list[str] = []

    def bracket(found: re.Match[str]) -> str:
        content = _NOT_NAME.sub("", found[1])
        if content in place_names():
            inside.append(place_names()[content])
            return ""
        return (
            ""
            if not content or content in (_GROUP, "中国") or _ASIDE.search(content) or content in _FORMS
            else content
        )

    group_inside = "(集团)" in text
    text = _NOT_NAME.sub("", _BRACKETS.sub(bracket, text))
    if found := (_BRANCH.match(text) or _BRANCH_OF_COMPANY.match(text)):
        where = found["where"]
        if found["kind"] and where:
            # 江苏三木化工苏州分公司: without a legal form before it, the branch's place must be a known place.
            head_ends = found["head"].endswith(("公司", "厂", _GROUP))
            if not head_ends:
                cut = next(
                    (at for at in range(3, len(text) - 3) if text[at : -len(found["kind"])] in place_names()),
                    0,
                )
                head, where = (
                    (text[:cut], text[cut : -len(found["kind"])])
                    if cut
                    else (text[: -len(found["kind"])], "")
                )
            else:
                head = found["head"]
            branch, text = where or "-", head
        elif found["kind"]:
            branch, text = "-", found["head"]
        else:
            branch, text = where, found["head"]
    text, form, group = _strip_form(text)
    full = text
    region, rest = strip_places(text)
    while region and (len(rest) < 2 or (len(rest) <= 8 and _ALL_BUSINESS.match(rest))):
        # 上海化工有限公司 has no other trade name than its place.
        region, rest = "", text
    place = region
    for code in inside:
        if not place or code.startswith(place):
            place = code
    stem, business = _split_business(rest)
    return CompanyName(full, rest, stem, business, place, form, group or group_inside, branch)


def _parse_latin(text: str) -> CompanyName:
    tokens = re.findall(r"[^\W_]+", text.replace("&", " and ").replace("'", ""))
    joined = " ".join(tokens)
    for pattern, short in (
        ("g m b h", "gmbh"),
        ("l l c", "llc"),
        ("s p a", "spa"),
        ("s a", "sa"),
        ("p t y", "pty"),
        ("b v", "bv"),
    ):
        joined = re.sub(rf"\b{pattern}\b", short, joined)
    tokens = joined.split()
    group = any(token in _LATIN_GROUP for token in tokens)
    form = ""
    kept = list(tokens)
    while len(kept) > 1 and (kept[-1] in _LATIN_FORMS or kept[-1] == "and"):
        form = form or ("" if kept[-1] in _LATIN_GROUP else _COMPANY)
        kept.pop()
    if len(kept) > 1 and kept[0] in ("the", "pt"):
        kept.pop(0)
    kept = [token for token in kept if token not in ("co", "ltd", "limited")] or kept
    full = " ".join(kept)
    place = ""
    names = place_pinyin()
    if len(kept) > 1 and kept[0] in names:
        place = names[kept.pop(0)]
    elif len(kept) > 1 and kept[-1] in names:
        place = names[kept.pop()]
    if len(kept) > 1 and kept[-1] == "china":
        kept.pop()
    branch = "-" if "branch" in kept else ""
    return CompanyName(
        full, " ".join(kept), kept[0] if kept else "", " ".join(kept[1:]), place, form, group, branch
    )


@lru_cache(maxsize=4096)
def parse_company(name: str) -> CompanyName:
    """Take a company's name apart. Pure; about 10 µs for a Chinese name."""
    return _parse(name)


def _parse(name: str) -> CompanyName:
    text = fold(name or "").strip()
    if not text:
        return _EMPTY
    if any("\u3400" <= sign <= "\u9fff" for sign in text):
        return _parse_han(text)
    return _parse_latin(text)


def parse_companies(names: Iterable[str]) -> list[CompanyName]:
    """`parse_company` for a batch, without filling its cache."""
    return [_parse(name) for name in names]
