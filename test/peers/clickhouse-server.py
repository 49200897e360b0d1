"""ClickHouse's own engine (chdb) behind the requests of its HTTP interface that the SQL kind makes.

Parsing, types, formats, settings, bound parameters and errors are ClickHouse's. Ours are the socket, the choice of status
by an error's code (as src/Server/HTTP/exceptionCodeToHTTPStatus.cpp has it), and that nobody logs in.
Run as: clickhouse-server.py PORT FOLDER
"""

import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import chdb

STATUS = {62: 400, 53: 400, 6: 400, 38: 400, 41: 400, 60: 404, 46: 404, 47: 404, 81: 404, 115: 404, 159: 408, 497: 403}
NO_SETTINGS = {"database", "wait_end_of_query"}
PORT, FOLDER = int(sys.argv[1]), sys.argv[2]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def send(self, status, body):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.send(200, b"Ok.\n")

    def do_POST(self):
        sql = self.rfile.read(int(self.headers["content-length"])).decode()
        given = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        params = {name[len("param_") :]: given.pop(name) for name in list(given) if name.startswith("param_")}
        connection = chdb.connect(FOLDER)
        try:
            if "database" in given:
                connection.query(f"USE {given['database']}")
            for name in given.keys() - NO_SETTINGS:
                value = given[name].replace("\\", "\\\\").replace("'", "\\'")
                connection.query(f"SET {name} = '{value}'")
            answer = connection.query(sql, "TabSeparated", params=params)
            self.send(200, answer.bytes() if hasattr(answer, "bytes") else str(answer).encode())
        except Exception as error:
            code = re.match(r"Code: (\d+)", str(error))
            self.send(STATUS.get(int(code[1]) if code else 0, 500), str(error).encode())
        finally:
            connection.close()


# One connection is held, so that the engine stays loaded between requests.
held = chdb.connect(FOLDER)
ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
