"""Made Chinese companies with planted duplicates: what the matcher is measured on. Seeded; all visibly invented.

The world is meant to be hard: trade names repeat over cities and lines of business, groups have daughters in
other lines, head offices have branches, some firms share a phone, and many names differ from another firm's by one
character or by a homophone. None of these are duplicates.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from opencc import OpenCC
from stdnum.cn import uscc

_CITIES = (
    "江苏 江苏 浙江 广东 山东 上海 上海 北京 深圳 广州 苏州 无锡 南京 常州 南通 杭州 宁波 温州 嘉兴 佛山 东莞 中山 珠海 青岛 济南 烟台 潍坊 淄博 "
    "天津 重庆 成都 武汉 长沙 郑州 西安 合肥 福州 厦门 泉州 南昌 沈阳 大连 长春 哈尔滨 石家庄 唐山 太原 昆明 贵阳 南宁 柳州 云南 湖北 四川 河南 河北 安徽"
).split()
_SIGNS = (
    "华信鑫盛泰和润达兴隆恒昌瑞丰永利万顺宏远东方金源中天海洋新长江三木明光大成嘉诚国德福安康宝龙腾飞凯创联合众邦博雅卓越蓝清绿春晨星辰"
    "旭日升辉耀荣华茂林森木水秀山川河峰岳岩石磊玉璞珠琳瑾瑜琪晶莹雪冰霜露云霞彩虹凤凰鹏鹤雁麒麟骏驰骋威武雄壮志远见识智慧聪颖勤俭朴厚德载物仁义礼"
)
_BUSINESS = (
    "化工 化工 化工 科技 科技 贸易 贸易 商贸 新材料 机械 机电 建材 建材 钢铁 金属制品 塑料制品 包装材料 日化 化妆品 香料 涂料 精细化工 生物科技 食品 医药 "
    "电子 电气设备 环保 环保科技 能源 物流 实业 进出口 国际贸易 纺织 橡胶制品 水泥 装饰工程 五金 农业科技 智能科技 信息技术"
).split()
_FORMS = ("有限公司",) * 14 + ("有限责任公司",) * 3 + ("股份有限公司",) * 2 + ("厂", "经营部", "集团有限公司")
_ROADS = "长江 黄河 人民 解放 建设 中山 工业 科技 创新 和平 新华 园区 滨江 振兴 迎宾".split()
_HOMOPHONES = (
    "华桦骅 信芯 鑫欣新馨 盛胜圣 泰太 和禾合河 润闰 达答 兴星 恒衡 昌 瑞锐睿 丰峰锋枫 永勇咏 利力立丽 万 宏鸿弘红 远 东冬 金锦 源元园圆原 "
    "天添 海 三叁 木沐牧 明铭鸣 光 大 成诚城 嘉佳家加 国 德得 福富 安 康 宝保 龙隆 腾滕 飞菲 创 联莲连 众 博勃 雅 卓 越岳悦跃 "
    "蓝兰 清青轻 春 晨辰 辉晖 荣蓉融容 茂贸 林琳霖 秀绣 山 玉誉裕育 化画话 工功公宫 贸茂 易艺意 科 技计记 新心欣 材才财 料 机基 械 建健 钢刚 "
    "铁 食实 品 江姜 苏酥 州洲 上尚 北 京晶 限线 司思 材才"
).split()
_WRONG = "的是在有人这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事"
_TO_TRADITIONAL = OpenCC("s2t")


@dataclass(frozen=True, slots=True)
class Noise:
    """How often each slip befalls a duplicate; they fall independently, so that some names suffer several."""

    suffix_dropped: float = 0.5
    region_dropped: float = 0.3
    traditional: float = 0.2
    homophone: float = 0.2
    one_character: float = 0.2
    code_missing: float = 0.6
    phone_changed: float = 0.5


@dataclass(slots=True)
class MadeCompanies:
    """Columns as a file would have them, and which company each record really is."""

    columns: dict[str, list[str]]
    truth: dict[str, int]
    pairs: set[tuple[str, str]] = field(default_factory=set)


def _code(rng: random.Random) -> str:
    base = (
        "91"
        + "".join(rng.choice("0123456789") for _ in range(6))
        + "".join(rng.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(9))
    )
    return base + uscc.calc_check_digit(base)


def _phone(rng: random.Random) -> str:
    if rng.random() < 0.5:
        return "1" + rng.choice("3578") + "".join(rng.choice("0123456789") for _ in range(9))
    return f"0{rng.randint(311, 899)}-{rng.randint(2000000, 89999999)}"


def _stem(rng: random.Random, crowded: bool) -> str:
    return "".join(rng.choice(_SIGNS) for _ in range(rng.choice((2, 2, 2, 3) if crowded else (2, 3, 3, 4))))


def _firms(
    rng: random.Random, count: int, crowded: bool, alike: float
) -> Iterator[tuple[str, str, str, str, str]]:
    """(region, stem, business, form, branch) of different firms, families of look-alikes included."""
    made: set[tuple[str, str, str, str]] = set()
    homophone = {sign: group for group in _HOMOPHONES for sign in group}
    while len(made) < count:
        region, stem, business, form = (
            rng.choice(_CITIES),
            _stem(rng, crowded),
            rng.choice(_BUSINESS),
            rng.choice(_FORMS),
        )
        family = [(region, stem, business, form, "")]
        draw = rng.random() / (max(alike, 1e-9) * (1 if crowded else 0.5))
        if draw < 0.08:  # a group's daughters in other lines
            family += [(region, stem, other, form, "") for other in rng.sample(_BUSINESS, 2)]
        elif draw < 0.16:  # the same trade name in another city
            family += [
                (rng.choice(_CITIES), stem, business, rng.choice(_FORMS), "")
                for _ in range(rng.randint(1, 3))
            ]
        elif draw < 0.2:  # branches
            family += [(region, stem, business, "有限公司", rng.choice(_CITIES) + "分公司") for _ in range(2)]
        elif draw < 0.215:  # another firm whose name sounds alike or differs by one character
            at = rng.randrange(len(stem))
            group = homophone.get(stem[at], stem[at])
            other = rng.choice(group) if rng.random() < 0.3 else rng.choice(_SIGNS)
            family.append(
                (
                    rng.choice((region, rng.choice(_CITIES))),
                    stem[:at] + other + stem[at + 1 :],
                    business,
                    form,
                    "",
                )
            )
        for firm in family:
            identity = (firm[0], firm[1], firm[2], firm[4])
            if identity not in made and len(made) < count:
                made.add(identity)
                yield firm


def _replace(rng: random.Random, text: str, at: int) -> str:
    draw = rng.random()
    if draw < 0.6 or len(text) < 4:
        return text[:at] + rng.choice(_WRONG + _SIGNS) + text[at + 1 :]
    if draw < 0.8:
        return text[:at] + text[at + 1 :]
    at = min(at, len(text) - 2)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _spoil(rng: random.Random, noise: Noise, firm: tuple[str, str, str, str, str]) -> str:
    region, stem, business, form, branch = firm
    if rng.random() < noise.suffix_dropped:
        form = ""
    if rng.random() < noise.region_dropped:
        region = ""
    text = stem + business
    if rng.random() < noise.homophone:
        homophone = {sign: group for group in _HOMOPHONES for sign in group}
        places = [at for at, sign in enumerate(text) if len(homophone.get(sign, "")) > 1]
        if places:
            at = rng.choice(places)
            text = text[:at] + rng.choice([s for s in homophone[text[at]] if s != text[at]]) + text[at + 1 :]
    if rng.random() < noise.one_character:
        text = _replace(rng, text, rng.randrange(len(text)))
    name = region + text + form + branch
    if rng.random() < 0.1 and region:
        name = f"{text}({region}){form}{branch}"
    if rng.random() < noise.traditional:
        name = _TO_TRADITIONAL.convert(name)
    return name


def make_companies(
    records: int,
    *,
    seed: int,
    duplicates: float = 0.2,
    noise: Noise | None = None,
    crowded: bool = False,
    alike: float = 1.0,
    address: bool = False,
) -> MadeCompanies:
    """`records` records, of which a share `duplicates` are second or third records of another's company.

    `alike`: how many of the look-alikes there are (0 for none); `crowded`: two-character trade names mostly, so that in a large file a name with one character wrong is as often
    another firm's. Columns: id, name, credit_code, phone and, when asked, address. The same seed makes the same records.
    """
    rng = random.Random(seed)
    noise = noise or Noise()
    spare = int(records * duplicates)
    rows: list[tuple[str, str, str, str, int]] = []
    firms = list(_firms(rng, records - spare, crowded, alike))
    kept: list[tuple[str, str, str]] = []
    for at, firm in enumerate(firms):
        phone, code = _phone(rng), _code(rng) if rng.random() < 0.9 else ""
        if at and rng.random() < 0.02:
            phone = kept[at - 1][1]  # neighbours that share a switchboard
        street = f"{firm[0]}市{rng.choice(_ROADS)}路{rng.randint(1, 999)}号"
        kept.append((code, phone, street))
        rows.append(("".join((firm[0], firm[1], firm[2], firm[3], firm[4])), code, phone, street, at))
    for _ in range(spare):
        at = rng.randrange(len(firms))
        code, phone, street = kept[at]
        if rng.random() < noise.code_missing:
            code = ""
        if rng.random() < noise.phone_changed:
            phone = _phone(rng)
        elif rng.random() < 0.5:
            phone = "+86 " + phone.lstrip("0")
        rows.append((_spoil(rng, noise, firms[at]), code, phone, street, at))
    rng.shuffle(rows)
    ids = [f"C{at:07}" for at in range(len(rows))]
    columns = {
        "id": ids,
        "name": [r[0] for r in rows],
        "credit_code": [r[1] for r in rows],
        "phone": [r[2] for r in rows],
    }
    if address:
        columns["address"] = [r[3] for r in rows]
    truth = {name: row[4] for name, row in zip(ids, rows, strict=True)}
    by_firm: dict[int, list[str]] = {}
    for name, at in truth.items():
        by_firm.setdefault(at, []).append(name)
    pairs = {(a, b) for names in by_firm.values() for i, a in enumerate(names) for b in names[i + 1 :]}
    return MadeCompanies(columns, truth, pairs)
