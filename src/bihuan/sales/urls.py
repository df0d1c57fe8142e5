from django.urls import path

from . import views

urlpatterns = [
    path("orders/", views.order_list, name="orders"),
    path("orders/<int:identity>/", views.order_page, name="order"),
]
