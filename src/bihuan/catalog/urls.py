from django.urls import path

from . import views

urlpatterns = [
    path("products/", views.product_list, name="products"),
    path("products/<int:identity>/", views.product_page, name="product"),
]
