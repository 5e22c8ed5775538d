"""The types that models are deployed with and that take tags."""

TAGGED = (
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:dynamodb/table:Table",
    "aws:iam/policy:Policy",
    "aws:iam/role:Role",
    "aws:kms/key:Key",
    "aws:lambda/function:Function",
    "aws:s3/bucket:Bucket",
    "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",
    "aws:sagemaker/endpoint:Endpoint",
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
    "aws:sagemaker/featureGroup:FeatureGroup",
    "aws:sagemaker/flowDefinition:FlowDefinition",
    "aws:sagemaker/model:Model",
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule",
    "aws:sagemaker/notebookInstance:NotebookInstance",
    "aws:sns/topic:Topic",
    "aws:sqs/queue:Queue",
)
