import gc
from threading import Event, Thread

import pytest

from bihuan.kernel.collecting import SELDOM, collecting_seldom


def test_seldom_within_and_as_usual_after():
    usual = gc.get_threshold()
    with collecting_seldom(), collecting_seldom():
        assert gc.get_threshold() == SELDOM
    assert gc.get_threshold() == usual


def test_as_usual_after_an_error():
    usual = gc.get_threshold()
    with pytest.raises(ValueError), collecting_seldom():
        raise ValueError
    assert gc.get_threshold() == usual


def test_as_usual_only_when_the_last_thread_has_left():
    usual, entered, leave = gc.get_threshold(), Event(), Event()

    def other():
        with collecting_seldom():
            entered.set()
            leave.wait(10)

    thread = Thread(target=other)
    with collecting_seldom():
        thread.start()
        assert entered.wait(10)
    assert gc.get_threshold() == SELDOM
    leave.set()
    thread.join()
    assert gc.get_threshold() == usual
