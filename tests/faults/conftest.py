import pytest

from tests.faults.stage import Stage


@pytest.fixture(scope="package")
def servers(tmp_path_factory):
    stage = Stage(tmp_path_factory.mktemp("stage"))
    yield stage
    stage.close()


@pytest.fixture
def stage(servers):
    servers.clear()
    return servers
