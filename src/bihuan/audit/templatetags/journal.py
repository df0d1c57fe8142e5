from django import template

from bihuan.audit.wording import action_word, object_word, via_word

register = template.Library()
register.filter("action_word", action_word)
register.filter("object_word", object_word)
register.filter("via_word", via_word)
