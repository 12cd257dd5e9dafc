import pytest

from tests.faults.stage import Stage


@pytest.fixture(scope="package")
def servers(tmp_path_factory):
    stage = Stage(tmp_path_factory.mktemp("stage"))
    yield stage
    stage.close()


@pytest.fixture(scope="package")
def runs(servers):
    """The company, with five calculated pay runs of two hundred payees and more."""
    said = servers.python("from tests.faults import company; print(*company.found())")
    return [int(word) for word in said.split()]


@pytest.fixture(scope="package")
def seller(servers, runs):
    """A token of a seller's, the cookies of their browser, and a company that sells."""
    said = servers.python(
        "from tests.faults import company; print(company.selling(), company.cookies(), sep='\\n')"
    )
    token, cookies = said.split("\n")[:2]
    return {"Authorization": f"Bearer {token}"}, cookies


@pytest.fixture
def stage(servers):
    servers.clear()
    return servers
