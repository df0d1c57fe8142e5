from django.urls import include, path

from .views import around, handing_over, show, writing

urlpatterns = [
    path("customers/", show.customer_list, name="customers"),
    path("customers/new/", writing.customer_create, name="customer_create"),
    path("customers/similar/", writing.customer_similar, name="customer_similar"),
    path("customers/picks/", around.customer_picks, name="customer_picks"),
    path("customers/hand-over/", handing_over.hand_over, name="hand_over"),
    path("customers/hand-over/count/", handing_over.hand_over_count, name="hand_over_count"),
    path("customers/<int:identity>/", show.customer_page, name="customer"),
    path("customers/<int:identity>/edit/", writing.customer_edit, name="customer_edit"),
    path("customers/<int:identity>/verify/", writing.customer_verify, name="customer_verify"),
    path("customers/<int:identity>/note/", writing.customer_note, name="customer_note"),
    path("customers/<int:identity>/tags/", writing.customer_tags, name="customer_tags"),
    path("customers/<int:identity>/contacts/new/", around.contact_create, name="contact_create"),
    path("customers/<int:identity>/sites/new/", around.site_create, name="site_create"),
    path("customers/<int:identity>/names/new/", around.name_add, name="name_add"),
    path("customers/<int:identity>/relations/new/", around.relation_create, name="relation_create"),
    path("customers/<int:identity>/competitors/", around.competitor_record, name="competitor_record"),
    path("customers/<int:identity>/facts/", around.fact_record, name="fact_record"),
    path("contacts/<int:identity>/", around.contact_edit, name="contact_edit"),
    path("contacts/<int:identity>/active/", around.contact_active, name="contact_active"),
    path("sites/<int:identity>/", around.site_edit, name="site_edit"),
    path("names/<int:identity>/remove/", around.name_remove, name="name_remove"),
    path("relations/<int:identity>/remove/", around.relation_remove, name="relation_remove"),
    path("competitors/<int:identity>/remove/", around.competitor_remove, name="competitor_remove"),
    path("", include("bihuan.customers.duplicates.urls")),
]
