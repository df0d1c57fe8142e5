"""The fields of each kind and the words by which people call them: data, in the order in which guesses prefer it."""

from __future__ import annotations

from bihuan.integration.reading.field import Field


def _f(name: str, type: str, words: str, *, required: bool = False, limit: int = 0) -> Field:
    return Field(name, type, tuple(word.strip() for word in words.split(",")), required, limit)


_CUSTOMER_ID = "CustomerID,客户编号,客户代码,客户编码,客户号,客户ID,客户no,往来单位编码,购货单位代码,customer no,customer number,customer code,cust id,cust no,account number,account no,client id,client code,debitor,kundennummer,会员号,用户编号,买方编码"
_CUSTOMER_NAME = "客户名称,客户,客户全称,客户名,购货单位,购货单位名称,购买方,购买方名称,购方名称,买方,买方名称,往来单位,往来单位名称,单位名称,客户单位,收货单位,付款单位,付款方,付款人,公司名称,公司,企业名称,厂商名称,customer,customer name,client,client name,company,company name,buyer,account name,sold to,payer"
_ORDER_NUMBER = "InvoiceNo,订单号,订单编号,订单号码,单号,单据号,单据编号,销售单号,销售订单号,出库单号,送货单号,发票号,发票号码,发票编号,合同号,合同编号,invoice,invoice number,order no,order number,order id,order,document number,document no,doc no,so number,sales order,bill no,交易号,流水号"
_COUNTRY = "国家,国别,国家地区,country,country name,nation,land"
_CURRENCY = "币种,货币,币别,currency,curr,waehrung"
_NOTE = "备注,说明,备注信息,摘要,note,notes,remark,remarks,comment,comments,memo"
_PHONE = "电话,联系电话,电话号码,手机,手机号,手机号码,移动电话,座机,固定电话,公司电话,phone,phone number,tel,telephone,mobile,mobile phone,cell"
_EMAIL = "邮箱,电子邮箱,电子邮件,邮件,email,e-mail,mail,email address"
_AMOUNT = "金额,总金额,价税合计,含税金额,合计金额,销售额,销售金额,成交金额,amount,total,line total,line amount,sales,total amount,revenue,net amount,小计金额"

# Columns that the workbook of refused rows adds, as every language of the program calls them.
REFUSED_ROW = ("Row in the file", "文件中的行号", "檔案中的行號")
REFUSED_WHY = ("Why it was refused", "退回原因", "退回原因")
LINE_PLACE = ("Place in the document", "该行在单据中的位置", "該行在單據中的位置")

STATUS_WORDS = (
    (
        "prospect",
        (
            "潜在",
            "潜在客户",
            "意向",
            "意向客户",
            "线索",
            "跟进中",
            "未成交",
            "新客户",
            "prospect",
            "lead",
            "potential",
        ),
    ),
    (
        "active",
        (
            "正常",
            "活跃",
            "合作中",
            "在合作",
            "已成交",
            "成交",
            "成交客户",
            "合作",
            "有效",
            "启用",
            "正式客户",
            "active",
            "current",
            "enabled",
            "open",
        ),
    ),
    (
        "dormant",
        (
            "休眠",
            "沉睡",
            "不活跃",
            "暂停",
            "暂停合作",
            "停用",
            "dormant",
            "inactive",
            "sleeping",
            "paused",
            "on hold",
        ),
    ),
    (
        "lost",
        (
            "流失",
            "已流失",
            "流失客户",
            "终止",
            "终止合作",
            "注销",
            "吊销",
            "lost",
            "churned",
            "closed",
            "terminated",
        ),
    ),
)
CHAIN_WORDS = (
    ("decider", ("决策者", "决策人", "决策", "老板", "总经理", "decider", "decision maker", "decides")),
    ("influencer", ("影响者", "影响人", "影响", "influencer", "influences")),
    (
        "buyer",
        ("采购", "采购员", "采购经理", "采购负责人", "购买者", "buyer", "purchasing", "buys", "procurement"),
    ),
    ("technical", ("技术", "技术员", "技术负责人", "工程师", "研发", "technical", "engineer", "r&d")),
    ("quality", ("质量", "质检", "品管", "品质", "质量负责人", "quality", "qa", "qc")),
    ("finance", ("财务", "会计", "出纳", "finance", "accounting", "accountant")),
    ("user", ("使用者", "使用人", "使用", "车间", "生产", "user", "uses", "production")),
    ("gatekeeper", ("把关者", "守门人", "前台", "秘书", "助理", "gatekeeper", "assistant")),
)

CUSTOMERS = (
    _f("external_id", "code", _CUSTOMER_ID + ",编号,代码,编码,id,code,number,erp编码", limit=60),
    _f(
        "name",
        "text",
        _CUSTOMER_NAME + ",名称,全称,name,full name,organization,organisation,firma",
        required=True,
        limit=200,
    ),
    _f("short_name", "text", "简称,客户简称,公司简称,short name,abbreviation,alias", limit=80),
    _f("name_en", "text", "英文名,英文名称,客户英文名,english name,name en", limit=200),
    _f(
        "credit_code",
        "code",
        "统一社会信用代码,社会信用代码,信用代码,税号,纳税人识别号,纳税识别号,税务登记号,营业执照号,credit code,uscc,tax id,tax number",
        limit=18,
    ),
    Field(
        "status",
        "choice",
        ("状态", "客户状态", "合作状态", "客户阶段", "status", "state", "stage"),
        choices=STATUS_WORDS,
    ),
    _f("industry", "text", "行业,所属行业,行业类别,行业分类,industry,sector", limit=60),
    _f(
        "kind",
        "text",
        "客户类型,客户类别,类型,类别,性质,企业性质,单位性质,type,customer type,category,kind",
        limit=40,
    ),
    _f("country", "text", _COUNTRY, limit=60),
    _f(
        "region",
        "text",
        "省份,省,地区,区域,大区,所在省份,所属区域,销售区域,region,province,state province,area",
        limit=60,
    ),
    _f("city", "text", "城市,市,所在城市,地市,city,town", limit=60),
    _f(
        "address",
        "text",
        "地址,详细地址,公司地址,联系地址,注册地址,通讯地址,收货地址,address,street,street address",
        limit=300,
    ),
    _f("phone", "text", _PHONE, limit=60),
    _f("email", "text", _EMAIL, limit=254),
    _f("website", "text", "网址,网站,官网,主页,website,web,url,homepage", limit=200),
    _f(
        "customer_since",
        "date",
        "合作日期,开始合作日期,首次合作,首次合作日期,建档日期,成立合作时间,customer since,since,created,created at,created on,create date,创建日期,创建时间",
        limit=0,
    ),
    _f(
        "owner_a",
        "text",
        "负责人,客户负责人,业务员,销售员,销售代表,销售,客户经理,归属人,跟进人,所有者,A角,负责人A,owner,owner a,sales rep,salesperson,account manager,owner_a",
        limit=150,
    ),
    _f(
        "owner_b",
        "text",
        "B角,协办人,协同人,负责人B,副负责人,第二负责人,deputy,owner b,backup owner,owner_b",
        limit=150,
    ),
    Field(
        "tags",
        "list",
        (
            "标签",
            "客户标签",
            "标记",
            "客户等级",
            "等级",
            "客户级别",
            "级别",
            "重要程度",
            "分级",
            "tags",
            "tag",
            "labels",
            "tier",
            "grade",
            "level",
            "rating",
        ),
        limit=60,
    ),
    _f("note", "text", _NOTE),
)
CONTACTS = (
    _f(
        "external_id",
        "code",
        "联系人编号,联系人ID,联系人编码,contact id,contact no,contact code,id,编号",
        limit=60,
    ),
    _f("customer_id", "code", _CUSTOMER_ID, limit=60),
    _f("customer_name", "text", _CUSTOMER_NAME + ",所属客户,所属公司,所在公司", limit=200),
    _f(
        "name",
        "text",
        "联系人,姓名,联系人姓名,名字,联络人,contact,contact name,name,full name,person",
        required=True,
        limit=80,
    ),
    _f("title", "text", "职务,职位,岗位,头衔,title,job title,position,post", limit=80),
    Field(
        "chain_role",
        "choice",
        ("决策角色", "角色", "决策链角色", "采购角色", "role", "chain role", "decision role"),
        choices=CHAIN_WORDS,
    ),
    _f("phone", "text", _PHONE, limit=60),
    _f("email", "text", _EMAIL, limit=254),
    _f("wechat", "text", "微信,微信号,wechat,weixin", limit=60),
    _f(
        "is_primary",
        "flag",
        "主联系人,是否主联系人,首要联系人,默认联系人,是否默认,primary,is primary,main contact,default",
    ),
    _f("is_active", "flag", "是否有效,有效,在职,是否在职,active,is active,enabled"),
    _f("note", "text", _NOTE),
)
_PRODUCT_CODE = "StockCode,产品编码,产品编号,产品代码,商品编码,商品编号,商品代码,物料编码,物料编号,物料代码,物料号,存货编码,货号,料号,品号,sku,product code,product id,product no,item code,item no,item number,item,material,material number,article,article number,part number,part no"
_PRODUCT_NAME = "Description,产品名称,产品,商品名称,商品,物料名称,物料,存货名称,货物名称,货品名称,品名,货品,产品描述,product,product name,item name,item description,material description,article name"
PRODUCTS = (
    _f("code", "code", _PRODUCT_CODE + ",编码,编号,代码,code,id", required=True, limit=60),
    _f("name", "text", _PRODUCT_NAME + ",名称,name", limit=200),
    _f("name_en", "text", "英文名,英文名称,english name,name en", limit=200),
    _f(
        "family",
        "text",
        "产品类别,类别,分类,产品分类,品类,产品线,系列,大类,family,category,product line,group,product group",
        limit=80,
    ),
    _f("grade", "text", "牌号,等级,规格,规格型号,型号,级别,grade,spec,specification,model", limit=80),
    _f("unit", "text", "单位,计量单位,unit,uom,unit of measure", limit=20),
    _f(
        "list_price",
        "number",
        "单价,标准价,标准单价,参考价,目录价,价格,售价,定价,price,list price,unit price,standard price",
    ),
    _f("is_active", "flag", "是否启用,启用,在售,是否在售,是否有效,active,is active,enabled"),
    _f("description", "text", "产品说明,描述,备注,说明,note,remark,long description,details"),
)
ORDERS = (
    _f("number", "code", _ORDER_NUMBER, required=True, limit=60),
    _f(
        "line_id",
        "code",
        "明细ID,行ID,订单行ID,明细编号,分录ID,分录号,line id,order line id,row id,item id,detail id,transaction line id",
        limit=60,
    ),
    Field("line_place", "code", LINE_PLACE, limit=100),
    _f(
        "ordered_at",
        "moment",
        "InvoiceDate,日期,订单日期,下单日期,下单时间,订货日期,单据日期,开票日期,开单日期,销售日期,出库日期,交易日期,交易时间,成交日期,业务日期,date,order date,invoice date,document date,doc date,sales date,posting date,transaction date,ordered on,order time,created at",
        required=True,
    ),
    _f("customer_id", "code", _CUSTOMER_ID, limit=60),
    _f("customer_name", "text", _CUSTOMER_NAME, limit=200),
    _f("country", "text", _COUNTRY, limit=60),
    _f("product_code", "code", _PRODUCT_CODE, limit=60),
    _f("product_name", "text", _PRODUCT_NAME, limit=200),
    _f("unit", "text", "单位,计量单位,unit,uom", limit=20),
    _f(
        "quantity",
        "number",
        "数量,销售数量,订货数量,订单数量,出库数量,实发数量,吨数,重量,quantity,qty,units,pieces,ordered quantity,order qty,menge",
    ),
    _f(
        "price",
        "number",
        "单价,含税单价,销售单价,成交单价,价格,售价,unit price,price,price each,rate,sales price,preis",
    ),
    _f("amount", "number", _AMOUNT),
    _f("cost", "number", "成本,成本金额,总成本,销售成本,cost,total cost,cogs,line cost"),
    _f("currency", "code", _CURRENCY, limit=3),
    _f(
        "promised_on",
        "date",
        "承诺交期,交期,交货日期,要求交期,约定交期,计划交期,预计交期,promised on,promised date,due date,requested date,delivery date,ship by",
    ),
    _f(
        "delivered_on",
        "date",
        "实际交期,实际交货日期,发货日期,送达日期,签收日期,到货日期,delivered on,delivered date,actual delivery date,shipped date,ship date",
    ),
    _f(
        "delivered_quantity",
        "number",
        "已交数量,实交数量,签收数量,发货数量,已发数量,delivered quantity,delivered qty,shipped qty,shipped quantity",
    ),
    _f("note", "text", _NOTE, limit=300),
)
PAYMENTS = (
    _f(
        "external_id",
        "code",
        "收款单号,收款编号,收款单,付款单号,回款单号,回款编号,流水号,交易流水号,凭证号,payment id,payment no,payment number,receipt no,receipt number,transaction id,reference,id,单号,编号",
        limit=60,
    ),
    _f("customer_id", "code", _CUSTOMER_ID, limit=60),
    _f("customer_name", "text", _CUSTOMER_NAME, limit=200),
    _f(
        "amount",
        "number",
        "收款金额,付款金额,回款金额,到账金额,实收金额,payment amount,paid amount,amount paid,received amount,"
        + _AMOUNT,
        required=True,
    ),
    _f(
        "paid_on",
        "date",
        "收款日期,付款日期,回款日期,到账日期,到账时间,收款时间,日期,date,payment date,paid on,paid date,received on,value date,transaction date",
        required=True,
    ),
    _f("currency", "code", _CURRENCY, limit=3),
    _f(
        "method",
        "text",
        "收款方式,付款方式,支付方式,结算方式,回款方式,method,payment method,payment type,pay method",
        limit=40,
    ),
    _f(
        "order_number",
        "code",
        "订单号,订单编号,销售订单号,发票号,发票号码,合同号,合同编号,invoice,invoice no,invoice number,order,order no,order number,so number",
        limit=60,
    ),
    _f("note", "text", _NOTE, limit=300),
)
RECEIVABLES = (
    _f(
        "external_id",
        "code",
        "应收单号,应收编号,账单号,receivable id,receivable no,bill no,document number,id,单号,编号",
        limit=60,
    ),
    _f("customer_id", "code", _CUSTOMER_ID, limit=60),
    _f("customer_name", "text", _CUSTOMER_NAME, limit=200),
    _f(
        "amount",
        "number",
        "应收金额,应收款,应收账款,欠款金额,amount due,receivable," + _AMOUNT,
        required=True,
    ),
    _f(
        "settled_amount",
        "number",
        "已收金额,已收款,已核销金额,已结金额,settled amount,paid amount,amount paid,settled",
    ),
    _f(
        "issued_on",
        "date",
        "开票日期,应收日期,立账日期,单据日期,账单日期,日期,issued on,issue date,invoice date,bill date,date",
        required=True,
    ),
    _f(
        "due_on",
        "date",
        "到期日,到期日期,应收到期日,应付日期,付款到期日,due on,due date,maturity,maturity date",
        required=True,
    ),
    _f(
        "settled_on",
        "date",
        "结清日期,核销日期,收清日期,settled on,settled date,paid date,cleared on,closed on",
    ),
    _f(
        "order_number",
        "code",
        "订单号,订单编号,销售订单号,发票号,发票号码,合同号,合同编号,invoice,invoice no,invoice number,order,order no,order number,so number",
        limit=60,
    ),
)
