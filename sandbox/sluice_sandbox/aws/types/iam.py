"""IAM: roles, their policies, and policies of their own."""

from collections.abc import Iterator

from sluice_sandbox.aws import policy_documents
from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.resource_type import Failure, ResourceType, Values
from sluice_sandbox.aws.tagging import Tagging

_UNSET: Values = {"description": "", "maxSessionDuration": 3600}
"""What a role has of which nothing is said."""


class _IamType(ResourceType):
    service = "iam"

    def check_more(self, inputs: Values) -> Iterator[Failure]:
        for key in ("assumeRolePolicy", "policy"):
            yield from policy_documents.failures(key, inputs.get(key))


class Role(_IamType):
    """A role: who may take it, and for how long."""

    token = "aws:iam/role:Role"
    create_operation, read_operation, delete_operation = "CreateRole", "GetRole", "DeleteRole"
    update_operations = ("UpdateRole", "UpdateAssumeRolePolicy", "PutRolePermissionsBoundary")
    autonamed, name_length = "name", 64
    names = {"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"}
    update_names = {"assumeRolePolicy": "PolicyDocument"}
    result = "Role"
    computed = {"arn": "Arn", "uniqueId": "RoleId", "createDate": "CreateDate"}
    extra_inputs = untold = frozenset({"forceDetachPolicies"})
    mutable = ResourceType.mutable | {"forceDetachPolicies"}
    tagging = Tagging(target="RoleName", lists="ListRoleTags", adds="TagRole", removes="UntagRole")

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        if old.get("permissionsBoundary") and not new.get("permissionsBoundary"):
            aws.call(self.service, "DeleteRolePermissionsBoundary", RoleName=identity)
            old = {key: value for key, value in old.items() if key != "permissionsBoundary"}
        # What is no longer declared would stay as it was.
        unset = {key: value for key, value in _UNSET.items() if key in old and key not in new}
        return super().update(aws, identity, old, {**new, **unset}, timeout)

    def complete(self, aws: Clients, identity: str, outputs: Values, described: Values) -> Values:
        outputs["assumeRolePolicy"] = policy_documents.text_of(described["AssumeRolePolicyDocument"])
        boundary = described.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        outputs["permissionsBoundary"] = boundary
        outputs.pop("roleLastUsed", None)
        completed = super().complete(aws, identity, outputs, described)
        # IAM has no regions.
        completed.pop("region")
        return completed


class RolePolicy(_IamType):
    """A policy that is part of a role."""

    token = "aws:iam/rolePolicy:RolePolicy"
    create_operation, read_operation, delete_operation = "PutRolePolicy", "GetRolePolicy", "DeleteRolePolicy"
    update_operations = ("PutRolePolicy",)
    autonamed, name_length = "name", 128
    names = {"name": "PolicyName", "policy": "PolicyDocument", "role": "RoleName"}

    def identity_of(self, inputs: Values) -> str:
        return f"{inputs['role']}:{inputs['name']}"

    def key(self, identity: str) -> Values:
        role, _, name = identity.partition(":")
        return {"RoleName": role, "PolicyName": name}

    def replaces(self, key: str) -> bool:
        return key != "policy"

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        aws.call(self.service, "PutRolePolicy", **self.request(new))
        return self.read_existing(aws, identity)

    def complete(self, aws: Clients, identity: str, outputs: Values, described: Values) -> Values:
        return {**outputs, "policy": policy_documents.text_of(described["PolicyDocument"])}


class RolePolicyAttachment(_IamType):
    """A managed policy that a role has."""

    token = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    create_operation, read_operation = "AttachRolePolicy", "ListAttachedRolePolicies"
    delete_operation = "DetachRolePolicy"
    names = {"role": "RoleName"}

    def identity_of(self, inputs: Values) -> str:
        return f"{inputs['role']}/{inputs['policyArn']}"

    def key(self, identity: str) -> Values:
        role, _, arn = identity.partition("/")
        return {"RoleName": role, "PolicyArn": arn}

    def read(self, aws: Clients, identity: str) -> Values | None:
        role, _, arn = identity.partition("/")
        answer = aws.find(self.service, self.read_operation, self.missing, RoleName=role)
        attached = {policy["PolicyArn"] for policy in (answer or {}).get("AttachedPolicies", [])}
        return {"role": role, "policyArn": arn} if arn in attached else None


class Policy(_IamType):
    """A managed policy."""

    token = "aws:iam/policy:Policy"
    create_operation, read_operation, delete_operation = "CreatePolicy", "GetPolicy", "DeletePolicy"
    autonamed, name_length = "name", 128
    names = {"name": "PolicyName", "policy": "PolicyDocument"}
    result = "Policy"
    computed = {"arn": "Arn", "policyId": "PolicyId", "attachmentCount": "AttachmentCount"}
    mutable = ResourceType.mutable | {"policy"}
    tagging = Tagging(target="PolicyArn", lists="ListPolicyTags", adds="TagPolicy", removes="UntagPolicy")

    def create(self, aws: Clients, inputs: Values, timeout: float) -> tuple[str, Values]:
        arn = aws.call(self.service, self.create_operation, **self.request(inputs))["Policy"]["Arn"]
        return arn, self.read_existing(aws, arn)

    def key(self, identity: str) -> Values:
        return {"PolicyArn": identity}

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        if old.get("policy") != new.get("policy"):
            self._add_version(aws, identity, new["policy"])
        return super().update(aws, identity, {**old, "policy": new["policy"]}, new, timeout)

    def delete(self, aws: Clients, identity: str, outputs: Values, timeout: float) -> None:
        for version in self._versions(aws, identity):
            if not version["IsDefaultVersion"]:
                aws.call(self.service, "DeletePolicyVersion", PolicyArn=identity, VersionId=version["VersionId"])
        super().delete(aws, identity, outputs, timeout)

    def complete(self, aws: Clients, identity: str, outputs: Values, described: Values) -> Values:
        version = described["DefaultVersionId"]
        answer = aws.call(self.service, "GetPolicyVersion", PolicyArn=identity, VersionId=version)
        kept = {key: outputs[key] for key in ("name", "path", "description", *self.computed) if key in outputs}
        completed = super().complete(aws, identity, kept, described)
        completed.pop("region")
        return {**completed, "policy": policy_documents.text_of(answer["PolicyVersion"]["Document"])}

    def _add_version(self, aws: Clients, arn: str, document: str) -> None:
        # A policy has five versions at most; the oldest that is not in force makes room.
        versions = sorted(self._versions(aws, arn), key=lambda version: version["CreateDate"])
        spare = [version for version in versions if not version["IsDefaultVersion"]]
        if len(versions) >= 5:
            aws.call(self.service, "DeletePolicyVersion", PolicyArn=arn, VersionId=spare[0]["VersionId"])
        aws.call(self.service, "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)

    def _versions(self, aws: Clients, arn: str) -> list[Values]:
        answer = aws.find(self.service, "ListPolicyVersions", self.missing, PolicyArn=arn) or {}
        versions: list[Values] = answer.get("Versions", [])
        return versions
