import pytest


@pytest.fixture(scope="module")
def ward(city):
    return city.certificate("hai-chau", "one-stop", "counter-1")


@pytest.fixture(scope="module")
def portal(city):
    return city.certificate("portal", "requests", "one")
