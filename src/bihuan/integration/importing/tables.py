"""The tables that imports write, with the columns they fill."""

from bihuan.integration.importing.store import Table

TRACKED = ("version", "import_id", "created_at", "updated_at")

CUSTOMERS = Table(
    "customers_customer",
    (
        "id",
        "external_id",
        "name",
        "short_name",
        "name_en",
        "credit_code",
        "status",
        "industry",
        "kind",
        "country",
        "region",
        "city",
        "address",
        "phone",
        "email",
        "website",
        "customer_since",
        "note",
        "owner_a_id",
        "owner_b_id",
        "team_id",
        "name_key",
        "pinyin",
        "initials",
        "phone_key",
        "completeness",
        *TRACKED,
    ),
)
CONTACTS = Table(
    "customers_contact",
    (
        "id",
        "external_id",
        "customer_id",
        "name",
        "title",
        "chain_role",
        "phone",
        "email",
        "wechat",
        "is_primary",
        "is_active",
        "note",
        *TRACKED,
    ),
)
PRODUCTS = Table(
    "catalog_product",
    (
        "id",
        "code",
        "name",
        "name_en",
        "family",
        "grade",
        "unit",
        "list_price",
        "is_active",
        "description",
        *TRACKED,
    ),
)
ORDERS = Table(
    "sales_order",
    (
        "id",
        "number",
        "kind",
        "customer_id",
        "ordered_at",
        "ordered_on",
        "currency",
        "country",
        "amount",
        "line_count",
        "note",
        *TRACKED,
    ),
)
LINES = Table(
    "sales_orderline",
    (
        "id",
        "order_id",
        "ordinal",
        "external_id",
        "kind",
        "customer_id",
        "ordered_on",
        "product_id",
        "quantity",
        "price",
        "amount",
        "cost",
        "promised_on",
        "delivered_on",
        "delivered_quantity",
        "is_exact_duplicate",
        "version",
        "import_id",
    ),
)
PAYMENTS = Table(
    "sales_payment",
    (
        "id",
        "external_id",
        "customer_id",
        "order_id",
        "amount",
        "currency",
        "paid_on",
        "method",
        "note",
        *TRACKED,
    ),
)
RECEIVABLES = Table(
    "sales_receivable",
    (
        "id",
        "external_id",
        "customer_id",
        "order_id",
        "amount",
        "settled_amount",
        "issued_on",
        "due_on",
        "settled_on",
        *TRACKED,
    ),
)
TAGS = Table("customers_tag", ("id", "code", "label", "label_en", "group", "colour"))
CUSTOMER_TAGS = Table("customers_customertag", ("id", "customer_id", "tag_id", "by_rule"))
