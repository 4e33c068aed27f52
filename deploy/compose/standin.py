"""Stands in for Elasticsearch when .ci/part/deploy tries elasticsearch-init.sh:
asks for the password of elastic, refuses what is no JSON, is not ready at first,
and notes what it was asked. standin.py SECRETS ASKED prints its port."""
import base64
import http.server
import json
import sys

secrets, asked = sys.argv[1:]


def secret(name):
    return open(f"{secrets}/{name}").read().strip()


class Handler(http.server.BaseHTTPRequestHandler):
    tries = 0

    def do_PUT(self):
        Handler.tries += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        want = "Basic " + base64.b64encode(f"elastic:{secret('elastic_password')}".encode()).decode()
        if Handler.tries == 1:
            return self.answer(503)
        if self.headers["Authorization"] != want:
            return self.answer(401)
        given = json.loads(body)
        if self.path.endswith("user/resumewatch") and given["password"] != secret("index_password"):
            return self.answer(400)
        with open(asked, "a") as f:
            print("PUT", self.path, file=f)
        self.answer(200)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
