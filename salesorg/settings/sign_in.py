"""Sign-in: accounts, second factor, lock-out and the life of a session."""

from datetime import timedelta

from django.templatetags.static import static

from salesorg import env

PRODUCTION = env.flag("PRODUCTION", default=False)

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_RESET_TIMEOUT = 3600

# How long a session lives: without a request, and at most. Pay asks for a fresh sign-in.
SESSION_IDLE_MINUTES = env.number("SESSION_IDLE_MINUTES", 30 if PRODUCTION else 720)
SESSION_HOURS = env.number("SESSION_HOURS", 12)
RECENT_SIGN_IN_MINUTES = 10
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
# Requests a page makes by itself do not count as activity.
BACKGROUND_ROUTES = {"notifications:badge", "events:task"}
KNOWN_DEVICE_COOKIE = "__Host-device" if PRODUCTION else "salesorg_device"
KNOWN_DEVICE_DAYS = 90

ACCOUNT_ADAPTER = "apps.access.adapters.AccountAdapter"
ACCOUNT_FORMS = {"login": "apps.access.forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = RECENT_SIGN_IN_MINUTES * 60
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Per person the lock-out below counts; per address this does, so that one machine cannot try many names.
ACCOUNT_RATE_LIMITS = {"login": "300/15m/ip", "login_failed": "90/15m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0)

MFA_ADAPTER = "apps.access.adapters.MFAAdapter"
MFA_FORMS = {
    "authenticate": "apps.access.forms.CodeForm",
    "reauthenticate": "apps.access.forms.CodeAgainForm",
    "activate_totp": "apps.access.forms.FirstCodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Salesorg"

AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "apps.access.lockout.username_of"
AXES_CLIENT_IP_CALLABLE = "apps.access.lockout.address_of"
AXES_WHITELIST_CALLABLE = "apps.access.lockout.is_known_device"
AXES_LOCKOUT_CALLABLE = "apps.access.lockout.locked_out"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# Deliberate: counting per person over all addresses, so rotating addresses does not help; see lockout.py.
SILENCED_SYSTEM_CHECKS = ["axes.W006"]

UNFOLD = {
    "SITE_TITLE": "Salesorg",
    "SITE_HEADER": "Salesorg",
    "SITE_URL": "/",
    "SITE_ICON": lambda _request: static("img/mark.svg"),
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("img/mark.svg")}
    ],
    "COLORS": {
        "primary": {
            "50": "oklch(97.8% 0.012 207)",
            "100": "oklch(94.6% 0.024 207)",
            "200": "oklch(89.2% 0.045 207)",
            "300": "oklch(81.5% 0.07 207)",
            "400": "oklch(73% 0.095 207)",
            "500": "oklch(58% 0.09 207)",
            "600": "oklch(46.5% 0.079 207)",
            "700": "oklch(40.5% 0.069 207)",
            "800": "oklch(34% 0.058 207)",
            "900": "oklch(28% 0.048 207)",
            "950": "oklch(21% 0.036 207)",
        },
    },
    "SIDEBAR": {"show_search": True, "show_all_applications": False},
}
