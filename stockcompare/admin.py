"""Run records in the admin, with a button per job that queues it now."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django_q.tasks import async_task

from stockcompare.jobs import new_run
from stockcompare.models import Job, JobRun
from stockcompare.uploads import UploadForm, keep_upload

# The stubs' ModelAdmin takes a type argument, Django's own does not.
if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[JobRun]
else:
    _Admin = admin.ModelAdmin

_MAY_RUN = "stockcompare.run_jobs"


@admin.register(JobRun)
class JobRunAdmin(_Admin):
    list_display = ("job", "state", "trigger", "session", "queued_at", "duration", "changed", "first_line")
    list_filter = ("job", "state")
    search_fields = ("trigger", "summary")
    change_list_template = "admin/stockcompare/jobrun/change_list.html"

    @admin.display(description="took")
    def duration(self, run: JobRun) -> str:
        if not run.started_at or not run.finished_at:
            return "–"
        return f"{(run.finished_at - run.started_at).total_seconds():,.1f} s"

    @admin.display(description="summary")
    def first_line(self, run: JobRun) -> str:
        return run.summary.partition("\n")[0][:120]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: JobRun | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: JobRun | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        run_now = path("run/<str:job>/", self.admin_site.admin_view(self.run_now), name="stockcompare_jobrun_run")
        upload = path("import/", self.admin_site.admin_view(self.import_file), name="stockcompare_jobrun_import")
        return [run_now, upload, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        jobs = [job for job in Job if job.startable] if self._may_run(request) else []
        return super().changelist_view(
            request, {"title": "Job runs", "jobs_to_run": jobs, "may_import": bool(jobs), **(extra_context or {})}
        )

    def run_now(self, request: HttpRequest, job: str) -> HttpResponse:
        """Queue the job for the worker. A GET must not: links are followed by machines."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self._may_run(request):
            raise PermissionDenied
        if job not in Job or not Job(job).startable:
            raise Http404
        run = new_run(Job(job), trigger=request.user.get_username(), now=timezone.now())
        async_task("stockcompare.tasks.run_now", run.pk, save=False)
        messages.success(request, f"{Job(job).label}: queued. The worker takes it within seconds; reload to follow it.")
        return redirect("admin:stockcompare_jobrun_changelist")

    def import_file(self, request: HttpRequest) -> HttpResponse:
        """Take a file of bars, keep it for the worker, and queue its import."""
        if not self._may_run(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            run = new_run(Job.IMPORT, trigger=request.user.get_username(), now=timezone.now())
            keep_upload(run.pk, form.cleaned_data["file"], form.stated)
            async_task("stockcompare.tasks.run_now", run.pk, save=False)
            messages.success(request, f"{form.cleaned_data['file'].name}: received. Reload to see what came of it.")
            return redirect("admin:stockcompare_jobrun_changelist")
        context = {**self.admin_site.each_context(request), "form": form, "opts": self.opts, "title": "Import a file"}
        return render(request, "admin/stockcompare/jobrun/import.html", context)

    def _may_run(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(_MAY_RUN))
