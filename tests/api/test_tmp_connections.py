import time, urllib.request, pytest, concurrent.futures
from django.db import connection
from emobi.core.services import api_keys
from tests.dashboard.browsing import serving
from stations.models import Station
from tests.api.conftest import key

@pytest.mark.django_db(transaction=True)
def test_it(transactional_db, network):
    k = key(network, "viewer")
    for n in range(100): Station.objects.create(network=network, identity=f"S{n}")
    def sessions():
        with connection.cursor() as c:
            c.execute("select pg_stat_clear_snapshot()"); c.execute("select sessions, numbackends from pg_stat_database where datname=current_database()"); return c.fetchone()
    with serving() as home:
        import http.client, urllib.parse
        host = urllib.parse.urlsplit(home).netloc
        def run(path, n):
            c = http.client.HTTPConnection(host)
            for _ in range(n):
                c.request("GET", path, headers={"Authorization": f"Bearer {k}"}); r = c.getresponse(); r.read(); assert r.status == 200
        run("/api/v1/me", 5)
        for path in ("/api/v1/me", "/api/v1/stations?limit=100", "/api/v1/health"):
            a = sessions(); t = time.perf_counter(); run(path, 200); d = time.perf_counter()-t; time.sleep(1.5); b = sessions()
            print(path, f"{200/d:.0f}/s", a, b)
        with concurrent.futures.ThreadPoolExecutor(16) as ex:
            t = time.perf_counter(); list(ex.map(lambda _: run("/api/v1/me", 25), range(16))); d = time.perf_counter()-t
            print("16 clients", f"{400/d:.0f}/s"); time.sleep(1.5); print(sessions())
