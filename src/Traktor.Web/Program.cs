using Traktor.Web.Commands;

// Without a command: run the arbiter of ./arbiter.ini. demo: a whole mesh to try. grants: the script that makes a role
// fit without superuser.
return await CommandLine.RunAsync(args);
