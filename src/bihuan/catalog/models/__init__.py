from .product import Characteristic, Product, ProductCharacteristic
from .unit import Unit

__all__ = ["Characteristic", "Product", "ProductCharacteristic", "Unit"]
