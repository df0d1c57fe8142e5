from .urls_metrics import urlpatterns as metrics
from .urls_policies import urlpatterns as policies

urlpatterns = [*metrics, *policies]
