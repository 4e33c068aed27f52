"""Addresses of the test forum: the forum at /forum/, a robots.txt, a login page."""

from django.http import HttpResponse
from django.urls import include, path


def robots(request):
    return HttpResponse("User-agent: *\nDisallow: /forum/search/\nDisallow: /login/\n", content_type="text/plain")


def login(request):
    return HttpResponse(
        '<html lang="zh-hans"><head><title>登录</title></head><body><form method="post">'
        '<label>用户名 <input name="username"></label> <label>密码 <input name="password" type="password"></label>'
        "<button>登录</button></form></body></html>"
    )


urlpatterns = [
    path("robots.txt", robots),
    path("login/", login, name="login"),
    path("forum/", include("machina.urls")),
]
